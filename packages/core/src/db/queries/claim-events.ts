import type pg from 'pg'
import { run } from '../transaction.ts'

/** An outgoing event: what happened to a booking, or to a request that was refused. */
export interface OutgoingEvent {
  readonly id: string
  readonly at: Date
  readonly organizerId: string
  readonly type: string
  /** The booking, or the booking request. */
  readonly entityId: string
  /** 1, 2, 3 … per entity, without gaps. */
  readonly entitySeq: number
  readonly payload: Readonly<Record<string, unknown>>
  /** Tries so far, this one included. */
  readonly attempts: number
}

/*
 * By delivered state and never by `id > cursor`: an event that commits late has an id in the past. An event waits for those
 * of its booking before it, also while another process has them in hand. Those are looked up by booking: written plainly,
 * the condition on the delivery has the planner read all undelivered events for each one.
 */
const CLAIM = {
  name: 'claim-events',
  text: `
    with ready as (
      select o.id, o.at from outbox o
      where o.delivered_at is null and (o.retry_at is null or o.retry_at <= now())
        and not exists (select from outbox e
          where e.entity_id = o.entity_id and e.entity_seq < o.entity_seq and (e.delivered_at is null) is true offset 0)
      order by o.id limit $1 for no key update skip locked
    )
    update outbox o set attempts = o.attempts + 1, retry_at = clock_timestamp() + make_interval(secs => $2::float8 / 1000)
    from ready r where o.id = r.id and o.at = r.at
    returning o.id, o.at, o.organizer_id as "organizerId", o.type, o.entity_id as "entityId",
      o.entity_seq as "entitySeq", o.payload, o.attempts`,
}

const DELIVERED = {
  name: 'mark-event-delivered',
  text: 'update outbox set delivered_at = clock_timestamp(), retry_at = null where id = $1 and at = $2',
}

const RETRY = {
  name: 'retry-event',
  text: `update outbox set retry_at = clock_timestamp() + make_interval(secs => $3::float8 / 1000)
    where id = $1 and at = $2 and delivered_at is null`,
}

/** Takes undelivered events in hand for `leaseMs`, at most `limit`; afterwards others may take them. */
export async function claimEvents(pool: pg.Pool, limit: number, leaseMs: number): Promise<OutgoingEvent[]> {
  return run<OutgoingEvent & Record<string, unknown>>(pool, CLAIM, [limit, leaseMs])
}

export async function markDelivered(pool: pg.Pool, event: Pick<OutgoingEvent, 'id' | 'at'>): Promise<void> {
  await run(pool, DELIVERED, [event.id, event.at])
}

/** Lets go of an event, to be tried again after `waitMs`. */
export async function retryEvent(
  pool: pg.Pool,
  event: Pick<OutgoingEvent, 'id' | 'at'>,
  waitMs: number,
): Promise<void> {
  await run(pool, RETRY, [event.id, event.at, waitMs])
}
