import { run, type Transaction } from '../../../db/transaction.ts'
import type { SandboxCheckout } from '../checkout.ts'
import { CHECKOUT_COLUMNS } from './checkout-row.ts'

const COMPLETE = {
  name: 'sandbox-complete-due-checkouts',
  text: `
    with due as materialized (
      select id as due_id from sandbox_checkouts
       where completes_at <= now() and status = 'processing'
       order by completes_at limit $1
         for no key update skip locked
    )
    update sandbox_checkouts
       set status = 'completed', completes_at = null, captured = amount, captured_currency = currency
      from due where id = due_id
    returning ${CHECKOUT_COLUMNS}`,
}

/** Takes the money of payments whose time of processing is over, other than those somebody else is seeing to. */
export function completeDueCheckouts(tx: Transaction, limit: number): Promise<SandboxCheckout[]> {
  return run<SandboxCheckout>(tx.client, COMPLETE, [limit])
}
