import { run, type Transaction } from '../../db/transaction.ts'

const CALL = {
  name: 'call-webhook-deliveries',
  text: `
    update webhook_deliveries set next_attempt_at = clock_timestamp()
    where id = any(array(
      select id from webhook_deliveries
      where endpoint_id = $1 and status = 'pending' and attempts = 0
      order by entity_id, entity_seq, id for no key update))`,
}

/**
 * Makes due what waits for an endpoint and was never tried. Needs the endpoint's lock; locks the deliveries of an entity
 * in the order of its events, as whoever settles one of them does.
 */
export async function callDeliveries(tx: Transaction, endpointId: string): Promise<void> {
  await run(tx.client, CALL, [endpointId])
}
