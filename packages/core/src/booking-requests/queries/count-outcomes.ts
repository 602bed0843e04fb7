import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const COUNT = {
  name: 'count-outcomes',
  text: `
    select coalesce(refusal->>'code', state) as outcome, count(*)::int as count
    from booking_requests where lane = $1 and seq between $2 and $3 group by 1`,
}

/** Counts how the requests of a stretch of a lane ended: `booked`, `queued` or a refusal code. */
export async function countOutcomes(
  pool: pg.Pool,
  lane: number,
  from: number,
  to: number,
): Promise<Record<string, number>> {
  const rows = await run<{ outcome: string; count: number }>(pool, COUNT, [lane, from, to])
  return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]))
}
