import { v7 } from 'uuid'
import { run, type Transaction } from '../../../db/transaction.ts'

const INSERT = {
  name: 'sandbox-insert-deliveries',
  text: `
    insert into sandbox_deliveries (id, event_id, body, due_at)
    select id, "eventId", body, clock_timestamp() + "afterMs" * interval '1 millisecond'
      from json_to_recordset($1::json) as d(id uuid, "eventId" text, body text, "afterMs" float8)`,
}

export interface NewDelivery {
  readonly eventId: string
  readonly body: string
  readonly afterMs: number
}

/** Webhooks to be sent, once the transaction commits. */
export async function insertDeliveries(tx: Transaction, deliveries: readonly NewDelivery[]): Promise<void> {
  if (deliveries.length === 0) return
  const rows = deliveries.map((delivery) => ({ id: v7(), ...delivery }))
  await run(tx.client, INSERT, [JSON.stringify(rows)])
}
