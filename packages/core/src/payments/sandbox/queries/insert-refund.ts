import { run, type Transaction } from '../../../db/transaction.ts'
import type { SandboxRefund } from './find-refund.ts'

const INSERT = {
  name: 'sandbox-insert-refund',
  text: `insert into sandbox_refunds (id, refund_id, checkout_id, amount) values ($1, $2, $3, $4)`,
}

export async function insertRefund(tx: Transaction, refund: SandboxRefund): Promise<void> {
  await run(tx.client, INSERT, [refund.id, refund.refundId, refund.checkoutId, refund.amount])
}
