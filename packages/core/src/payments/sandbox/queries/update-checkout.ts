import { run, type Transaction } from '../../../db/transaction.ts'
import type { SandboxCheckout } from '../checkout.ts'
import type { PlayedCheckout } from '../decide-play.ts'
import { CHECKOUT_COLUMNS } from './checkout-row.ts'

const UPDATE = {
  name: 'sandbox-update-checkout',
  text: `
    update sandbox_checkouts
       set status = $2, captured = $3, captured_currency = $4,
           completes_at = clock_timestamp() + $5::float8 * interval '1 millisecond'
     where id = $1
    returning ${CHECKOUT_COLUMNS}`,
}

/** Writes what became of a checkout that the transaction has locked. */
export async function updateCheckout(tx: Transaction, id: string, played: PlayedCheckout): Promise<SandboxCheckout> {
  const { status, captured, completesInMs } = played
  const values = [id, status, captured?.amount ?? 0, captured?.currency ?? null, completesInMs]
  const [row] = await run<SandboxCheckout>(tx.client, UPDATE, values)
  if (row === undefined) throw new Error(`checkout ${id} is gone, though it was locked`)
  return row
}
