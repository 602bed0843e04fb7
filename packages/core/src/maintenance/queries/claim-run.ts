import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const CLAIM = {
  name: 'claim-maintenance-run',
  text: `
    insert into maintenance_runs as r (task, ran_at) values ($1, clock_timestamp())
    on conflict (task) do update set ran_at = excluded.ran_at
    where r.ran_at < clock_timestamp() - make_interval(secs => $2::float8 / 1000)
    returning 1 as claimed`,
}

/**
 * Returns whether the caller is to run the task: nobody has in the last `notWithinMs`, and all others who ask now get
 * `false`.
 */
export async function claimRun(pool: pg.Pool, task: string, notWithinMs: number): Promise<boolean> {
  return (await run(pool, CLAIM, [task, notWithinMs])).length > 0
}
