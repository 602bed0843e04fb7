import { READ_PAYLOADS } from '../../domain/outgoing-events/outgoing-event-recipients.ts'
import { run, type Transaction } from '../../db/transaction.ts'

/**
 * The time limits are of the statements after this one. A lock that is not to be had is nobody's fault, so its limit comes
 * first.
 */
const LOCK_FEED = {
  name: 'lock-feed',
  text: `
    select position, set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true) from event_feed where id = 1
    for no key update skip locked`,
}

/*
 * By delivered state and never by `id > cursor`: an event that commits late has an id in the past. Whoever sees an event
 * sees those of its entity before it, and they are older or have a lower number. An event that is parked is passed over;
 * while it is still tried by itself, all of its entity are.
 */
const FIND = {
  name: 'find-unpublished-events',
  text: `
    select id, "exactAt", "organizerId", type, "entityId", "entitySeq", payload from (
      select *, sum(coalesce(pg_column_size(payload), 0)) over (rows unbounded preceding) as bytes,
        row_number() over () as place
      from (
        select o.id, o.at::text as "exactAt", o.organizer_id as "organizerId", o.type, o.entity_id as "entityId",
          o.entity_seq as "entitySeq", case when o.type = any ($3::text[]) then o.payload end as payload
        from outbox o
        where position is null and not exists (
          select from setbacks f where f.kind = 'event' and f.entity_id = o.entity_id
            and (f.retry_at is not null or f.subject_id = o.id))
        order by at, entity_seq limit $1) o
      ) o
    where bytes <= $2 or place = 1 order by place`,
}

/** A COMMIT of unknown outcome may have published what then counted as failed: nothing is to wait for that. */
const FORGET_PUBLISHED = {
  name: 'forget-published-setbacks',
  text: `
    delete from setbacks f where f.kind = 'event' and f.retry_at <= now()
      and not exists (select from outbox o where o.id = f.subject_id and o.position is null)`,
}

const FIND_SET_ASIDE = {
  name: 'find-event-set-aside',
  text: `
    select o.id, o.at::text as "exactAt", o.organizer_id as "organizerId", o.type, o.entity_id as "entityId",
      o.entity_seq as "entitySeq", o.payload
    from setbacks f cross join lateral (select * from outbox where id = f.subject_id and position is null) o
    where f.kind = 'event' and f.retry_at <= now() order by f.retry_at limit 1`,
}

const PUBLISH = {
  name: 'publish-outgoing-events',
  text: `
    with published as (
      update outbox o set position = $3::bigint + n.place
      from unnest($1::uuid[], $2::timestamptz[]) with ordinality as n(id, at, place)
      where o.id = any (array[n.id]) and o.at = n.at
      returning 1
    )
    update event_feed set position = $3::bigint + (select count(*) from published) where id = 1`,
}

/** An event without its place in the feed. */
export interface UnpublishedOutgoingEvent {
  readonly id: string
  /** Time to the microsecond: with the id it is the key. */
  readonly exactAt: string
  readonly organizerId: string
  readonly type: string
  readonly entityId: string
  readonly entitySeq: number
  /** `null` where publishing does not read it. */
  readonly payload: Readonly<Record<string, unknown>> | null
}

/**
 * Locks the feed for publishing and returns its last position; `null` while somebody else publishes.
 *
 * @param withinMs what each further statement of the transaction may take.
 */
export async function lockFeed(tx: Transaction, withinMs: number): Promise<number | null> {
  const [feed] = await run<{ position: number }>(tx.client, LOCK_FEED, [String(withinMs), String(withinMs / 2)])
  return feed?.position ?? null
}

/**
 * Returns the next events to publish, in their order: at most `limit`, and with payloads of `maxBytes` unless there is
 * but one.
 */
export function findUnpublished(tx: Transaction, limit: number, maxBytes: number): Promise<UnpublishedOutgoingEvent[]> {
  return run<UnpublishedOutgoingEvent & Record<string, unknown>>(tx.client, FIND, [limit, maxBytes, READ_PAYLOADS])
}

/** Returns an event that was set aside and is due for a retry. */
export async function findSetAside(tx: Transaction): Promise<UnpublishedOutgoingEvent[]> {
  await run(tx.client, FORGET_PUBLISHED, [])
  return run<UnpublishedOutgoingEvent & Record<string, unknown>>(tx.client, FIND_SET_ASIDE, [])
}

/** Gives these events the places after `position`, in this order. Needs the lock of the feed. */
export async function publishInOrder(
  tx: Transaction,
  position: number,
  events: readonly UnpublishedOutgoingEvent[],
): Promise<void> {
  const values = [events.map(({ id }) => id), events.map(({ exactAt }) => exactAt), position]
  await run(tx.client, PUBLISH, values)
}
