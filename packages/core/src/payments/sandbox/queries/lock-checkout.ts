import { run, type Transaction } from '../../../db/transaction.ts'
import type { SandboxCheckout } from '../checkout.ts'
import { CHECKOUT_COLUMNS } from './checkout-row.ts'

const LOCK = {
  name: 'sandbox-lock-checkout',
  text: `select ${CHECKOUT_COLUMNS} from sandbox_checkouts where id = $1 for no key update`,
}

export async function lockCheckout(tx: Transaction, id: string): Promise<SandboxCheckout | null> {
  const [row] = await run<SandboxCheckout>(tx.client, LOCK, [id])
  return row ?? null
}
