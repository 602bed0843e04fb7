import type { OutgoingEvent } from '../../domain/outgoing-event.ts'
import { run, type Transaction } from '../transaction.ts'

const LOCK_FEED = {
  name: 'lock-feed',
  text: 'select position from event_feed where id = 1 for no key update skip locked',
}

/*
 * By delivered state and never by `id > cursor`: an event that commits late has an id in the past. Whoever sees an event
 * sees those of its entity before it, and they are older or have a lower number.
 */
const PUBLISH = {
  name: 'publish-events',
  text: `
    with next as (
      select id, at, $1::bigint + row_number() over (order by at, entity_seq) as position
      from (select id, at, entity_seq from outbox where position is null order by at, entity_seq limit $2) o
    ), published as (
      update outbox o set position = n.position from next n where o.id = any (array[n.id]) and o.at = n.at
      returning o.id, o.at, o.organizer_id as "organizerId", o.type, o.entity_id as "entityId",
        o.entity_seq as "entitySeq", o.payload, o.position
    ), advanced as (
      update event_feed set position = (select max(position) from published)
      where id = 1 and exists (select from published)
    )
    select * from published order by position`,
}

/** Locks the feed for publishing and returns its last position; `null` while somebody else publishes. */
export async function lockFeed(tx: Transaction): Promise<number | null> {
  const [feed] = await run<{ position: number }>(tx.client, LOCK_FEED, [])
  return feed?.position ?? null
}

/** Gives the next unpublished events their places, at most `limit`, and returns them in their order. */
export async function publishNext(tx: Transaction, position: number, limit: number): Promise<OutgoingEvent[]> {
  return run<OutgoingEvent & Record<string, unknown>>(tx.client, PUBLISH, [position, limit])
}
