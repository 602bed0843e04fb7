import type pg from 'pg'
import { run } from '../../../db/transaction.ts'

const CANCEL = {
  name: 'sandbox-cancel-checkout',
  text: `update sandbox_checkouts set status = 'cancelled' where payment_id = $1 and status = 'open'`,
}

/** Closes a page on which nothing has happened yet. */
export async function cancelOpenCheckout(executor: pg.Pool | pg.PoolClient, paymentId: string): Promise<void> {
  await run(executor, CANCEL, [paymentId])
}
