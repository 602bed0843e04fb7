import type pg from 'pg'
import { run } from '../../../db/transaction.ts'

/**
 * The first entry of each index says it all. EXISTS would do as well, but on tables that were never analyzed it is
 * planned as a scan of all that was ever paid.
 */
const FIND = {
  name: 'sandbox-find-work',
  text: `
    select coalesce((select min(completes_at) from sandbox_checkouts) <= now(), false) as completions,
           coalesce((select min(due_at) from sandbox_deliveries where delivered_at is null) <= now(), false)
             as deliveries`,
}

export interface SandboxWork {
  readonly completions: boolean
  readonly deliveries: boolean
}

/** Returns whether a payment has to complete or a webhook has to go out now. */
export async function findSandboxWork(executor: pg.Pool | pg.PoolClient): Promise<SandboxWork> {
  const [row] = await run<SandboxWork>(executor, FIND, [])
  return row ?? { completions: false, deliveries: false }
}
