import type { Minor } from '../../../domain/money/money.ts'
import { run, type Transaction } from '../../../db/transaction.ts'

const SUM = {
  name: 'sandbox-sum-refunds',
  text: `select coalesce(sum(amount), 0)::bigint as refunded from sandbox_refunds where checkout_id = $1`,
}

/**
 * Returns the refunds of a checkout that the transaction has locked: without the lock there may be more in a moment.
 */
export async function sumRefunds(tx: Transaction, checkoutId: string): Promise<Minor> {
  const [row] = await run<{ refunded: Minor }>(tx.client, SUM, [checkoutId])
  return row?.refunded ?? 0
}
