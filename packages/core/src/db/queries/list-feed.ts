import type pg from 'pg'

/** An event of the feed, as it is posted to webhooks too. */
export interface FeedEvent {
  /** What webhooks carry as `webhook-id`. */
  readonly id: string
  readonly type: string
  readonly timestamp: string
  readonly organizerId: string
  readonly entityId: string
  readonly seq: number
  readonly data: Readonly<Record<string, unknown>>
}

export interface FeedPage {
  readonly items: readonly FeedEvent[]
  /** Everything up to here has been read. */
  readonly position: number
  /** The feed's last position. */
  readonly last: number
}

interface Row extends Record<string, unknown> {
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

/*
 * The feed's last position and the events in one snapshot: positions are committed together with it, so an event below
 * it that is not seen is none.
 */
const SELECT = `
  select f.position as last, o.* from event_feed f left join lateral (
    select position, id, at, type, organizer_id as "organizerId", entity_id as "entityId",
      entity_seq as "entitySeq", payload
    from outbox
    where organizer_id = $1::uuid and position > $2 and position is not null
      and ($4::text[] is null or type = any($4) or regexp_replace(type, '[.][^.]*$', '.*') = any($4))
    order by position limit $3) o on true
  where f.id = 1 order by o.position`

/**
 * What was published of the organizer's events after `position`, oldest first.
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
  const events = rows.filter((row) => row.position !== null)
  // A page that is not full has been read to the end, whatever the end is of others' or other types.
  const end = events.length < limit ? last : (events.at(-1)?.position ?? last)
  return { items: events.map(toEvent), position: Math.max(position, end), last }
}

function toEvent({ id, type, at, organizerId, entityId, entitySeq, payload }: Row): FeedEvent {
  return { id, type, timestamp: at.toISOString(), organizerId, entityId, seq: entitySeq, data: payload }
}

/** The feed's last position. */
export async function readFeedPosition(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ position: number }>('select position from event_feed where id = 1')
  return rows[0]?.position ?? 0
}
