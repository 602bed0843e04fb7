import type pg from 'pg'
import { run } from '../../../db/transaction.ts'
import type { SandboxCheckout } from '../checkout.ts'
import { CHECKOUT_COLUMNS } from './checkout-row.ts'

const FIND = {
  name: 'sandbox-find-checkout',
  text: `select ${CHECKOUT_COLUMNS} from sandbox_checkouts where id = $1`,
}

export async function findCheckout(executor: pg.Pool | pg.PoolClient, id: string): Promise<SandboxCheckout | null> {
  const [row] = await run<SandboxCheckout>(executor, FIND, [id])
  return row ?? null
}
