import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** Times of the database's clock, in milliseconds since the epoch. */
export interface Window {
  /** Exclusive. */
  readonly from: number
  readonly to: number
}

const CLOCK = {
  name: 'read-sweep-clock',
  text: 'select (extract(epoch from statement_timestamp()) * 1000)::float8 as now',
}

/*
 * By the time of acceptance, in an index that only grows: what it costs follows from what was accepted in the window, and
 * from neither the number of resources nor the age of anybody's snapshot. The row's own state is asked, for looking up
 * watermarks would walk along their dead versions.
 */
const IN_WINDOW = {
  name: 'find-waiting-lines',
  text: `
    select distinct resource_id as id from booking_requests
    where accepted_at > to_timestamp($1::float8 / 1000) and accepted_at <= to_timestamp($2::float8 / 1000)
      and state = 'queued'`,
}

/*
 * A line with nothing but gaps is found too: repeated requests leave gaps, and its depth counts them. So is one that is
 * paused: whoever sweeps has to know of it to notice that it goes on.
 */
const SOME = {
  name: 'find-some-waiting-lines',
  text: `
    with part as materialized (
      select resource_id, next from lines where resource_id > $1 order by resource_id limit $2
    ), waiting as (
      select p.resource_id
      from part p
      cross join lateral (select watermark from resource_state where resource_id = p.resource_id offset 0) s
      left join lateral (
        select accepted_at from booking_requests
        where p.next - 1 > s.watermark and resource_id = p.resource_id and seq > s.watermark order by seq limit 1
      ) oldest on true
      where p.next - 1 > s.watermark
        and (oldest.accepted_at is null or oldest.accepted_at <= to_timestamp($3::float8 / 1000))
    )
    select array(select resource_id from waiting)::text[] as waiting,
      case when (select count(*) from part) = $2 then (select resource_id from part order by 1 desc limit 1) end as last`,
}

const RESUMED = {
  name: 'find-resumed-lines',
  text: `
    select w.id, s.paused
    from unnest($1::uuid[]) as w(id)
    cross join lateral (select watermark, paused from resource_state where resource_id = w.id offset 0) s
    cross join lateral (select next from lines where resource_id = w.id offset 0) i
    where i.next - 1 > s.watermark`,
}

/** Returns the database's clock, in milliseconds since the epoch. */
export async function readSweepClock(pool: pg.Pool): Promise<number> {
  const [row] = await run<{ now: number }>(pool, CLOCK, [])
  if (row === undefined) throw new Error('the clock returned no row')
  return row.now
}

/** Returns the lines with an undecided request that was accepted in this window, paused ones too. */
export async function findWaitingLines(pool: pg.Pool, { from, to }: Window): Promise<string[]> {
  return (await run<{ id: string }>(pool, IN_WINDOW, [from, to])).map(({ id }) => id)
}

export interface SomeLines {
  /** Lines with larger ids than this. */
  readonly after: string
  /** Lines that are looked at. */
  readonly atMost: number
  /** Time of the database's clock up to which the oldest undecided request was accepted, ms since the epoch. */
  readonly to: number
}

/**
 * Looks at some of all lines, in the order of their ids. Returns those whose oldest undecided request was accepted up to a
 * time, and those with nothing but gaps, paused ones too; and the last one that was looked at, `null` where it was the last.
 */
export async function findSomeWaitingLines(
  pool: pg.Pool,
  { after, atMost, to }: SomeLines,
): Promise<{ readonly waiting: readonly string[]; readonly last: string | null }> {
  const [found] = await run<{ waiting: string[]; last: string | null }>(pool, SOME, [after, atMost, to])
  return found ?? { waiting: [], last: null }
}

/** Returns those of these lines in which something waits, and whether they are paused. */
export async function findStillWaiting(
  pool: pg.Pool,
  ids: readonly string[],
): Promise<{ readonly id: string; readonly paused: boolean }[]> {
  if (ids.length === 0) return []
  return run<{ id: string; paused: boolean }>(pool, RESUMED, [ids])
}
