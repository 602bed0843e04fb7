import type pg from 'pg'
import { run } from '../../db/transaction.ts'
import type { Cleaned } from './clean-up.ts'

/*
 * Walks up a lane's line in the order in which it was decided, from where it was last left, so that what was booked is
 * read once and never again. It stays below the watermark, where everything is decided: a request that waits, however
 * long, is neither deleted nor passed. Nobody else changes these rows, so there is nobody to wait for but another
 * clean-up, which does the same.
 */
const DELETE = {
  name: 'delete-refused-requests',
  text: `
    with looked_at as materialized (
      select q.id, q.seq, q.state, q.decided_at < now() - $2::float8 * interval '1 millisecond' as "isOver"
      from lanes l cross join lateral (
        select id, seq, state, decided_at from booking_requests
        where lane = l.id and seq <= l.watermark
          and seq > coalesce((select position from clean_up_positions where name = $4), 0)
        order by seq limit $3) q
      where l.id = $1
    ), reached as (
      select coalesce(min(seq) filter (where not "isOver") - 1, max(seq)) as seq from looked_at
    ), deleted as (
      delete from booking_requests where id = any(array(
        select id from looked_at where state = 'refused' and seq <= (select seq from reached)))
      returning 1
    ), noted as (
      insert into clean_up_positions as p (name, position)
      select $4, seq from reached where seq is not null
      on conflict (name) do update set position = greatest(p.position, excluded.position)
    )
    select (select count(*)::int from deleted) as deleted,
      (select count(*) from looked_at where "isOver") = $3 as "isFull"`,
}

/** Deletes refused requests of a lane that were decided longer ago than this, looking at no more than `maxRows` requests. */
export async function deleteRefusedRequests(
  pool: pg.Pool,
  lane: number,
  keepMs: number,
  maxRows: number,
): Promise<Cleaned> {
  const values = [lane, keepMs, maxRows, `booking_requests:${lane}`]
  const [cleaned] = await run<{ deleted: number; isFull: boolean }>(pool, DELETE, values)
  if (cleaned === undefined) throw new Error('the clean-up returned no row')
  return cleaned
}
