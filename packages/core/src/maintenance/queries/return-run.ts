import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const RETURN = {
  name: 'return-maintenance-run',
  text: `update maintenance_runs set ran_at = to_timestamp(0) where task = $1`,
}

/** Makes a task due again at once, for whoever looks next: there is more to do than one run does. */
export async function returnRun(pool: pg.Pool, task: string): Promise<void> {
  await run(pool, RETURN, [task])
}
