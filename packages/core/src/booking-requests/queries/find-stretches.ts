import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import type { Stretch } from '../../queue/payloads.ts'

const FIND = {
  name: 'find-stretches',
  text: `
    select q.resource_id as id, '' as name, min(q.seq) as "from", max(q.seq) as "to"
    from unnest($1::uuid[]) as w(id)
    cross join lateral (select resource_id, seq from booking_requests where id = w.id offset 0) q
    group by 1`,
}

/** Returns the stretches of lines in which these requests are. Their names are empty. */
export async function findStretches(pool: pg.Pool, requestIds: readonly string[]): Promise<Stretch[]> {
  return run<Stretch & Record<string, unknown>>(pool, FIND, [requestIds])
}
