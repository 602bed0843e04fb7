import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const RETURN = {
  name: 'return-webhook-delivery',
  text: `
    update webhook_deliveries set attempts = attempts - 1, next_attempt_at = clock_timestamp()
    where id = $1 and attempts = $2 and status = 'pending'`,
}

/** Gives back a delivery whose attempt was broken off: somebody else sends it at once. */
export async function returnDelivery(
  pool: pg.Pool,
  { id, attempts }: { readonly id: string; readonly attempts: number },
): Promise<void> {
  await run(pool, RETURN, [id, attempts])
}
