import { run, type Transaction } from '../../db/transaction.ts'
import type { NewDelivery } from '../../outbox/queries/insert-notices.ts'

/** A delivery that may be sent again. */
export type EarlierDelivery = NewDelivery

const COLUMNS = `id, endpoint_id as "endpointId", event_id as "eventId", event_at as "eventAt",
  event_type as "eventType", entity_id as "entityId", entity_seq as "entitySeq"`

const FIND_FAILED = {
  name: 'find-failed-webhook-deliveries',
  text: `
    select * from (
      select distinct on (event_id) ${COLUMNS}, status
      from webhook_deliveries where endpoint_id = $1 and created_at >= $2
      order by event_id, id desc) last
    where status = 'failed' order by id limit $3`,
}

const FIND_ONE = {
  name: 'find-webhook-delivery-to-replay',
  text: `select ${COLUMNS} from webhook_deliveries where id = $1`,
}

/**
 * Returns the deliveries to an endpoint since then whose event has failed, also when it was sent again; oldest first.
 */
export async function findFailedDeliveries(
  tx: Transaction,
  endpointId: string,
  since: Date,
  limit: number,
): Promise<EarlierDelivery[]> {
  const rows = await run<EarlierDelivery & { status: string }>(tx.client, FIND_FAILED, [endpointId, since, limit])
  return rows.map(({ status: _, ...delivery }) => delivery)
}

export async function findDeliveryToReplay(tx: Transaction, id: string): Promise<EarlierDelivery | null> {
  const [found] = await run<EarlierDelivery & Record<string, unknown>>(tx.client, FIND_ONE, [id])
  return found ?? null
}
