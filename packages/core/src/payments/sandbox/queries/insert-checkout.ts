import type pg from 'pg'
import { run } from '../../../db/transaction.ts'
import type { SandboxCheckout } from '../checkout.ts'

const INSERT = {
  name: 'sandbox-insert-checkout',
  text: `
    insert into sandbox_checkouts (id, payment_id, booking_reference, description, amount, currency, return_url)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (payment_id) do nothing`,
}

export type NewCheckout = Pick<
  SandboxCheckout,
  'id' | 'paymentId' | 'bookingReference' | 'description' | 'amount' | 'currency' | 'returnUrl'
>

/** Does nothing where the payment has a checkout. Waits for another one's insert of it to end. */
export async function insertCheckout(executor: pg.Pool | pg.PoolClient, checkout: NewCheckout): Promise<void> {
  const { id, paymentId, bookingReference, description, amount, currency, returnUrl } = checkout
  await run(executor, INSERT, [id, paymentId, bookingReference, description, amount, currency, returnUrl])
}
