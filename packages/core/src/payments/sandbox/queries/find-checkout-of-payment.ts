import type pg from 'pg'
import { run } from '../../../db/transaction.ts'
import type { SandboxCheckout } from '../checkout.ts'
import { CHECKOUT_COLUMNS } from './checkout-row.ts'

const FIND = {
  name: 'sandbox-find-checkout-of-payment',
  text: `select ${CHECKOUT_COLUMNS} from sandbox_checkouts where payment_id = $1`,
}

export async function findCheckoutOfPayment(
  executor: pg.Pool | pg.PoolClient,
  paymentId: string,
): Promise<SandboxCheckout | null> {
  const [row] = await run<SandboxCheckout>(executor, FIND, [paymentId])
  return row ?? null
}
