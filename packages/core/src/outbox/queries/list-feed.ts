import type pg from 'pg'
import { type Looked, selectWindow, WINDOW } from '../../db/window.ts'

/** An event of the feed, as it is posted to webhooks too. */
export interface FeedEntry {
  /** Id that webhooks carry as `webhook-id`. */
  readonly id: string
  readonly type: string
  readonly timestamp: string
  readonly organizerId: string
  readonly entityId: string
  readonly seq: number
  readonly data: Readonly<Record<string, unknown>>
}

export interface FeedPage {
  readonly items: readonly FeedEntry[]
  /** Everything up to here has been read. */
  readonly position: number
  /** The feed's last position. */
  readonly last: number
  /** There is more to look at above `position`. */
  readonly more: boolean
}

interface Row extends Record<string, unknown>, Looked {
  readonly last: number
  /** Absent in the row of a page without events. */
  readonly position: number | null
  readonly id: string
  readonly at: Date
  readonly type: string
  readonly organizerId: string
  readonly entityId: string
  readonly entitySeq: number
  readonly payload: Readonly<Record<string, unknown>>
}

const OF_TYPES = `$4::text[] is null or type = any($4) or regexp_replace(type, '[.][^.]*$', '.*') = any($4)`

const LOOKED = `
  select position, id, at, type, organizer_id as "organizerId", entity_id as "entityId",
    entity_seq as "entitySeq", payload
  from outbox where organizer_id = $1::uuid and position > $2 and position is not null`

/*
 * The feed's last position and the events in one snapshot: positions are committed together with it, so an event below
 * it that is not seen is none.
 */
const SELECT = `
  select f.position as last, o.* from event_feed f left join lateral (
    ${selectWindow(LOOKED, `(${OF_TYPES})`, 'position')} order by position limit $3::int + 1) o on true
  where f.id = 1 order by o.position`

/**
 * Lists what was published of the organizer's events after `position`, oldest first. Looks at a window of them for the
 * types that are wanted.
 *
 * @param types types and families (`booking.*`); `null` takes all
 */
export async function listFeed(
  pool: pg.Pool,
  organizerId: string,
  position: number,
  limit: number,
  types: readonly string[] | null,
): Promise<FeedPage> {
  const { rows } = await pool.query<Row>(SELECT, [organizerId, position, limit, types])
  const last = rows[0]?.last ?? 0
  const found = rows.filter(({ matches }) => matches)
  const items = found.slice(0, limit)
  // A page that is not full has been read to the end, whatever the end is of others' or other types, or of the window.
  const end = found.length < limit ? endOfWindow(rows.at(-1)) : (items.at(-1)?.position ?? null)
  return {
    items: items.map(toEvent),
    position: Math.max(position, end ?? last),
    last,
    more: found.length > limit || endOfWindow(rows.at(-1)) !== null,
  }
}

/** Returns the end of the window; `null` if the window was not full. */
function endOfWindow(row: Row | undefined): number | null {
  return row?.place === WINDOW ? row.position : null
}

function toEvent({ id, type, at, organizerId, entityId, entitySeq, payload }: Row): FeedEntry {
  return { id, type, timestamp: at.toISOString(), organizerId, entityId, seq: entitySeq, data: payload }
}

/** Returns the feed's last position. */
export async function readFeedPosition(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ position: number }>('select position from event_feed where id = 1')
  return rows[0]?.position ?? 0
}
