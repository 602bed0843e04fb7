import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** Statement without an order, so that a resource that cannot be closed does not block the rest for ever. */
const FIND = {
  name: 'find-ended-resources',
  text: `
    select n.resource_id as id
    from resource_state n
    left join showtimes s on s.id = n.resource_id
    left join movies m on m.id = s.movie_id
    left join events e on e.id = n.resource_id
    where n.closed_at is null
      and coalesce(s.starts_at + make_interval(mins => m.duration_minutes), e.ends_at)
        < now() - make_interval(secs => $1::float8 / 1000)
      -- Whoever has not come to what was cancelled is no no-show, but gets the money back first.
      and not exists (select from resource_cancellations c
        where c.resource_id = n.resource_id and c.finished_at is null)
    order by random() limit $2`,
}

/** Showtimes and events that ended longer ago than `graceMs` and whose bookings are still open, at most `limit`. */
export async function findEndedResources(pool: pg.Pool, graceMs: number, limit: number): Promise<string[]> {
  const rows = await run<{ id: string }>(pool, FIND, [graceMs, limit])
  return rows.map(({ id }) => id)
}
