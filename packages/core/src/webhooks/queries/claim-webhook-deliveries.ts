import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** A delivery that is this process's to send until its lease is over. */
export interface ClaimedDelivery {
  readonly id: string
  readonly endpointId: string
  /** The one that begins now included. */
  readonly attempts: number
  readonly url: string
  /** Secrets that sign it, the current one first. */
  readonly secrets: readonly string[]
  readonly eventId: string
  readonly eventType: string
  readonly entityId: string
  readonly entitySeq: number
  /** `null` where the event is no longer kept, and for a test, which is none. */
  readonly event: {
    readonly at: Date
    readonly organizerId: string
    readonly payload: Readonly<Record<string, unknown>>
  } | null
  readonly createdAt: Date
  readonly organizerId: string | null
}

/** A delivery that is due, behind one of the same entity. */
export interface BlockedDelivery {
  readonly id: string
  readonly blocker: string
}

export interface ClaimOptions {
  /** Altogether. */
  readonly room: number
  /** For each endpoint. */
  readonly roomEach: number
  /** The endpoint of each delivery that is in hand already. */
  readonly inHand: readonly string[]
  /** Only these endpoints, or all but these. */
  readonly endpointIds: readonly string[]
  readonly only: boolean
  readonly leaseMs: number
}

/** Endpoints that are looked at in one go, and what is due of each. */
const ENDPOINTS = 64
const WINDOW = 32

/*
 * An earlier delivery of the entity that is pending, in whosever hands, is seen by this statement: it was committed no
 * later than this one. That it is settled meanwhile is not seen, and only makes this one wait.
 */
const CLAIM = {
  name: 'claim-webhook-deliveries',
  text: `
    with hand as (
      select id, count(*)::int as taken from unnest($3::uuid[]) as h(id) group by 1
    ), endpoint as materialized (
      select e.id, $2::int - coalesce((select taken from hand where hand.id = e.id), 0) as room
      from webhook_endpoints e
      where e.status = 'active' and e.deleted_at is null and (e.id = any($4::uuid[])) = $5::boolean
        and exists (select from webhook_deliveries d where d.endpoint_id = e.id and d.next_attempt_at <= now())
      order by random() limit ${ENDPOINTS}
    ), due as materialized (
      select d.*, e.room from endpoint e cross join lateral (
        select id, endpoint_id, entity_id, entity_seq, next_attempt_at from webhook_deliveries
        where endpoint_id = e.id and next_attempt_at <= now()
        order by next_attempt_at limit ${WINDOW} for no key update skip locked) d
      where e.room > 0
    ), judged as materialized (
      select d.*, (
        select b.id from webhook_deliveries b
        where b.endpoint_id = d.endpoint_id and b.entity_id = d.entity_id and b.status = 'pending'
          and (b.entity_seq, b.id) < (d.entity_seq, d.id)
        order by b.entity_seq, b.id limit 1) as blocker
      from due d
    ), chosen as (
      select id from (
        select id, room, next_attempt_at,
          row_number() over (partition by endpoint_id order by next_attempt_at, id) as place
        from judged where blocker is null) free
      where place <= room order by place, next_attempt_at limit $1
    ), claimed as (
      update webhook_deliveries d set attempts = d.attempts + 1, last_attempt_at = clock_timestamp(),
        next_attempt_at = clock_timestamp() + $6::float8 * interval '1 millisecond'
      from chosen where d.id = any (array[chosen.id])
      returning d.id, d.endpoint_id, d.attempts, d.event_id, d.event_at, d.event_type, d.entity_id, d.entity_seq,
        d.created_at
    )
    select c.id, null::uuid as blocker, c.endpoint_id as "endpointId", c.attempts, e.url,
      case when e.previous_secret_expires_at > now() then array[e.secret, e.previous_secret] else array[e.secret] end
        as secrets,
      c.event_id as "eventId", c.event_type as "eventType", c.entity_id as "entityId", c.entity_seq as "entitySeq",
      c.created_at as "createdAt", e.organizer_id as "organizerId", o.at as "outboxAt",
      o.organizer_id as "outboxOrganizerId", o.payload
    from claimed c join webhook_endpoints e on e.id = c.endpoint_id left join lateral (
      select at, organizer_id, payload from outbox
      where id = c.event_id and at > c.event_at - interval '1 millisecond' and at < c.event_at + interval '1 millisecond'
      ) o on true
    union all
    select id, blocker, endpoint_id, 0, '', array[]::text[], id, '', entity_id, 0, now(), null, null, null, null
    from judged where blocker is not null`,
}

type Row = Omit<ClaimedDelivery, 'event'> & {
  readonly blocker: string | null
  readonly outboxAt: Date | null
  readonly outboxOrganizerId: string | null
  readonly payload: Readonly<Record<string, unknown>> | null
}

/** Takes deliveries that are due and behind no other one of their entity, in one autocommit statement. */
export async function claimDeliveries(
  pool: pg.Pool,
  { room, roomEach, inHand, endpointIds, only, leaseMs }: ClaimOptions,
): Promise<{ readonly claimed: readonly ClaimedDelivery[]; readonly blocked: readonly BlockedDelivery[] }> {
  const rows = await run<Row>(pool, CLAIM, [room, roomEach, inHand, endpointIds, only, leaseMs])
  return {
    claimed: rows
      .filter(({ blocker }) => blocker === null)
      .map(({ blocker: _, outboxAt: at, outboxOrganizerId: organizerId, payload, ...row }) => ({
        ...row,
        event: at === null || organizerId === null || payload === null ? null : { at, organizerId, payload },
      })),
    blocked: rows.flatMap(({ id, blocker }) => (blocker === null ? [] : [{ id, blocker }])),
  }
}
