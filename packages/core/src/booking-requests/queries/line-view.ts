import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** A line as those see it who sell, or run the service. */
export interface LineView {
  /** Id of the showtime or event. */
  readonly id: string
  /** Decides nothing; takes requests all the same. */
  readonly paused: boolean
  /** Takes no requests; decides those that wait. */
  readonly draining: boolean
  /** Requests that are undecided, and the gaps between them. */
  readonly waiting: number
  readonly watermark: number
  /** Smoothed, as of the last batch. */
  readonly decidedPerSecond: number
  /** Waiting time of the oldest undecided request; `null` if none waits. */
  readonly oldestMs: number | null
}

const SELECT = `
    select s.resource_id as id, s.paused, i.draining, i.next - 1 - s.watermark as waiting, s.watermark,
      round(s.decided_per_second::numeric, 1)::float8 as "decidedPerSecond",
      case when oldest.accepted_at is not null
        then greatest(0, extract(epoch from clock_timestamp() - oldest.accepted_at) * 1000)::bigint
      end as "oldestMs"
    from resource_state s
    join lines i on i.resource_id = s.resource_id
    left join lateral (
      select accepted_at from booking_requests q
      where i.next - 1 > s.watermark and q.resource_id = s.resource_id and q.seq > s.watermark order by q.seq limit 1
    ) oldest on true`

const ONE = { name: 'read-line-view', text: `${SELECT} where s.resource_id = $1` }

/** Those that wait are shown however long their show is over. */
const OPEN = {
  name: 'read-line-views',
  text: `${SELECT} where s.closed_at is null or i.next - 1 > s.watermark`,
}

export async function findLine(pool: pg.Pool, id: string): Promise<LineView | null> {
  const [row] = await run<LineView & Record<string, unknown>>(pool, ONE, [id])
  return row ?? null
}

/** Returns the lines of all shows that are not closed, in any order. */
export async function listLines(pool: pg.Pool): Promise<LineView[]> {
  return run<LineView & Record<string, unknown>>(pool, OPEN, [])
}
