import { READ_PAYLOADS } from '../../domain/outgoing-events/outgoing-event-recipients.ts'
import { run, type Transaction } from '../../db/transaction.ts'

/*
 * The time limits are of the statements after this one. A lock that is not to be had is nobody's fault, so its limit comes
 * first.
 *
 * `openSince` is a time before which nobody will commit an event any more: an event's time is taken within its transaction,
 * after its first lock. Transactions that only read have no backend_xid, however long they are open. Of a transaction whose
 * start is not shown to us nothing is known, and nothing is settled.
 */
const LOCK_FEED = {
  name: 'lock-feed',
  text: `
    select position, settled_to > statement_timestamp() as "isAhead", settled_to::text as "settledTo",
      (
        select least(min(coalesce(xact_start, '-infinity')), statement_timestamp()) - interval '5 seconds'
        from pg_stat_activity where backend_xid is not null and datname = current_database()
      )::text as "openSince",
      set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)
    from event_feed where id = 1 for no key update skip locked`,
}

/** Unsettles all: after the clock went back, new events may be before what was settled. */
const UNSETTLE = {
  name: 'unsettle-feed',
  text: `update event_feed set settled_to = '-infinity' where id = 1`,
}

/*
 * By delivered state and never by `id > cursor`: an event that commits late has an id in the past. Whoever sees an event
 * sees those of its entity before it, and they are older or have a lower number. An event that is parked is passed over;
 * while it is still tried by itself, all of its entity are. It begins where all is settled: while somebody keeps an old
 * snapshot open, the index keeps an entry of every event that was published since.
 */
const FIND = {
  name: 'find-unpublished-events',
  text: `
    select id, "exactAt", "organizerId", type, "entityId", "entitySeq", payload,
      exists (select from setbacks where kind = 'event' and retry_at is not null) as "someWait"
    from (
      select *, sum(coalesce(pg_column_size(payload), 0)) over (rows unbounded preceding) as bytes,
        row_number() over () as place
      from (
        select o.id, o.at::text as "exactAt", o.organizer_id as "organizerId", o.type, o.entity_id as "entityId",
          o.entity_seq as "entitySeq", case when o.type = any ($3::text[]) then o.payload end as payload
        from outbox o
        where position is null and at >= $4::timestamptz and not exists (
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
      o.entity_seq as "entitySeq", o.payload, true as "someWait"
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
    update event_feed
    set position = $3::bigint + (select count(*) from published), settled_to = greatest(settled_to, (select min(t) from unnest($4::timestamptz[]) t))
    where id = 1`,
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
  /** Some events wait behind one that is tried by itself, of whatever entity. */
  readonly someWait: boolean
  /** `null` where publishing does not read it. */
  readonly payload: Readonly<Record<string, unknown>> | null
}

/** The feed, locked for publishing. Times are as PostgreSQL writes them, to the microsecond. */
export interface LockedFeed {
  /** The last one. */
  readonly position: number
  /** Every event before this has its position, but for those that were set aside. */
  readonly settledTo: string
  /** No event before this will be committed any more. */
  readonly openSince: string
}

/**
 * Locks the feed for publishing; `null` while somebody else publishes.
 *
 * @param withinMs what each further statement of the transaction may take.
 */
export async function lockFeed(tx: Transaction, withinMs: number): Promise<LockedFeed | null> {
  const values = [String(withinMs), String(withinMs / 2)]
  const [feed] = await run<LockedFeed & { readonly isAhead: boolean }>(tx.client, LOCK_FEED, values)
  if (feed === undefined || !feed.isAhead) return feed ?? null
  await run(tx.client, UNSETTLE, [])
  return { ...feed, settledTo: '-infinity' }
}

/** The most of what is due that one batch may have. */
export interface BatchBounds {
  readonly events: number
  /** Bytes of payloads, unless there is but one event. */
  readonly bytes: number
}

/** Returns the next events to publish, in their order. */
export function findUnpublished(
  tx: Transaction,
  { settledTo }: Pick<LockedFeed, 'settledTo'>,
  { events, bytes }: BatchBounds,
): Promise<UnpublishedOutgoingEvent[]> {
  const values = [events, bytes, READ_PAYLOADS, settledTo]
  return run<UnpublishedOutgoingEvent & Record<string, unknown>>(tx.client, FIND, values)
}

/** Returns an event that was set aside and is due for a retry. */
export async function findSetAside(tx: Transaction): Promise<UnpublishedOutgoingEvent[]> {
  await run(tx.client, FORGET_PUBLISHED, [])
  return run<UnpublishedOutgoingEvent & Record<string, unknown>>(tx.client, FIND_SET_ASIDE, [])
}

/**
 * Gives these events the places after the feed's last, in this order. Where they are the next ones, all before the last of
 * them is settled, as far as nobody can still commit any. Needs the lock of the feed.
 */
export async function publishInOrder(
  tx: Transaction,
  { position, openSince }: LockedFeed,
  events: readonly UnpublishedOutgoingEvent[],
  areNext = true,
): Promise<void> {
  const last = events.at(-1)
  // While an event is tried by itself, later ones of its entity wait behind what would be settled.
  const settled = areNext && last !== undefined && !last.someWait ? [last.exactAt, openSince] : []
  await run(tx.client, PUBLISH, [events.map(({ id }) => id), events.map(({ exactAt }) => exactAt), position, settled])
}
