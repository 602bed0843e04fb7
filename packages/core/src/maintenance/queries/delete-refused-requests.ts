import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import type { Cleaned } from './clean-up.ts'

/** A request that still waits after so long, in a line that is paused, no longer keeps the clean-up from going on. */
const UNDECIDED_FOR_MS = 7 * 86_400_000

/** The place of the walk: microseconds since the epoch. */
const POSITION = 'booking_requests'

/*
 * Walks through all requests in the order in which they were accepted, from where it was last left, so that what was booked
 * is read once and never again. It stops before what was decided a short time ago, and before what waits; a request that
 * waits far longer, in a line that is paused, is passed, and then kept. Those of one write have the same time and are looked
 * at together. Nobody else changes these rows, so there is nobody to wait for but another clean-up, which does the same.
 */
const DELETE = {
  name: 'delete-refused-requests',
  text: `
    with looked_at as materialized (
      select id, accepted_at, state,
        coalesce(decided_at < now() - $1::float8 * interval '1 millisecond',
          accepted_at < now() - ($1::float8 + ${UNDECIDED_FOR_MS}) * interval '1 millisecond') as "isOver"
      from booking_requests
      where accepted_at > to_timestamp(0) + coalesce(
        (select position from clean_up_positions where name = '${POSITION}'), 0) * interval '1 microsecond'
      order by accepted_at
      fetch first $2 rows with ties
    ), reached as (
      select coalesce(min(accepted_at) filter (where not "isOver") - interval '1 microsecond', max(accepted_at)) as at
      from looked_at
    ), deleted as (
      delete from booking_requests where id = any(array(
        select id from looked_at where state = 'refused' and accepted_at <= (select at from reached)))
      returning 1
    ), noted as (
      insert into clean_up_positions as p (name, position)
      select '${POSITION}', (extract(epoch from at) * 1000000)::bigint from reached where at is not null
      on conflict (name) do update set position = greatest(p.position, excluded.position)
    )
    select (select count(*)::int from deleted) as deleted,
      (select count(*) from looked_at where "isOver") >= $2 as "isFull"`,
}

/** Deletes refused requests that were decided longer ago than this, looking at about `maxRows` requests at the most. */
export async function deleteRefusedRequests(pool: pg.Pool, keepMs: number, maxRows: number): Promise<Cleaned> {
  const [cleaned] = await run<{ deleted: number; isFull: boolean }>(pool, DELETE, [keepMs, maxRows])
  if (cleaned === undefined) throw new Error('the clean-up returned no row')
  return cleaned
}
