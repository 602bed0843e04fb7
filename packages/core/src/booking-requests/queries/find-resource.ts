import type pg from 'pg'
import { run } from '../../db/transaction.ts'

export interface ResourceRow {
  readonly id: string
  readonly kind: 'showtime' | 'event'
  readonly organizerId: string
  /** For operators: the title, and a showtime's hall. */
  readonly name: string
}

const FIND = {
  name: 'find-resource',
  text: `
    select r.id, r.kind, r.organizer_id as "organizerId",
      case r.kind
        when 'event' then (select title from events where id = r.id)
        else (select m.title || ' · ' || a.name from showtimes t join movies m on m.id = t.movie_id
          join auditoriums a on a.id = t.auditorium_id where t.id = r.id)
      end as name
    from resources r where r.id = $1`,
}

/** Returns identity, kind, organizer and name of a showtime or event, or `null`. */
export async function findResource(pool: pg.Pool, id: string): Promise<ResourceRow | null> {
  const [row] = await run<ResourceRow & Record<string, unknown>>(pool, FIND, [id])
  return row ?? null
}
