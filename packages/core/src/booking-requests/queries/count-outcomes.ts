import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import type { Stretch } from '../../queue/payloads.ts'

const COUNT = {
  name: 'count-outcomes',
  text: `
    select coalesce(q.refusal->>'code', q.state) as outcome, count(*)::int as count
    from unnest($1::uuid[], $2::bigint[], $3::bigint[]) as w(id, first, last)
    cross join lateral (
      select state, refusal from booking_requests where resource_id = w.id and seq between w.first and w.last offset 0
    ) q
    group by 1`,
}

/** Counts how the requests of some stretches of lines ended: `booked`, `queued` or a refusal code. */
export async function countOutcomes(pool: pg.Pool, stretches: readonly Stretch[]): Promise<Record<string, number>> {
  const rows = await run<{ outcome: string; count: number }>(pool, COUNT, [
    stretches.map(({ id }) => id),
    stretches.map(({ from }) => from),
    stretches.map(({ to }) => to),
  ])
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]))
}
