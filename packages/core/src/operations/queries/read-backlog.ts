import type pg from 'pg'
import type { SetbackKind } from '../../domain/setback.ts'
import { run } from '../../db/transaction.ts'

export interface LaneBacklog {
  readonly lane: number
  readonly paused: boolean
  readonly draining: boolean
  readonly waiting: number
  /** Seconds; 0 where nothing waits. */
  readonly oldestS: number
}

/** Counting stops here: so many, or more. */
export const MAX_COUNTED = 10_000

/** Work still to be done, over all processes. No count is above `MAX_COUNTED`. */
export interface Backlog {
  readonly lanes: readonly LaneBacklog[]
  /** Outgoing events without their place in the feed. */
  readonly unpublished: number
  /** For how many seconds the webhook delivery that is due longest has been due; 0 where none is. */
  readonly webhookLagS: number
  readonly pendingDeliveries: number
  readonly pendingMails: number
  /** Work that waits for an operator, without kinds that have none. */
  readonly parked: readonly { readonly kind: SetbackKind; readonly count: number }[]
}

const LANES = {
  name: 'read-lane-backlogs',
  text: `
    select l.id as lane, l.paused, l.draining, i.next - 1 - l.watermark as waiting,
      greatest(0, extract(epoch from clock_timestamp() - oldest.accepted_at))::float8 as "oldestS"
    from lanes l
    join lane_intake i on i.lane = l.id
    left join lateral (
      select accepted_at from booking_requests q where q.lane = l.id and q.seq > l.watermark order by q.seq limit 1
    ) oldest on true
    order by l.id`,
}

/*
 * The delivery that is due longest is looked for from endpoint to endpoint, by the first one in the index of each: however
 * many are pending, an endpoint costs one look.
 */
const REST = {
  name: 'read-backlog',
  text: `
    with recursive first_due as (
      (select endpoint_id, next_attempt_at from webhook_deliveries
       where next_attempt_at is not null order by endpoint_id, next_attempt_at limit 1)
      union all
      (select d.endpoint_id, d.next_attempt_at
       from first_due f
       cross join lateral (
         select endpoint_id, next_attempt_at from webhook_deliveries
         where next_attempt_at is not null and endpoint_id > f.endpoint_id
         order by endpoint_id, next_attempt_at limit 1
       ) d)
    )
    select
      (select count(*) from (select from outbox where position is null limit ${MAX_COUNTED}) o) as unpublished,
      (
        select greatest(0, extract(epoch from clock_timestamp() - min(next_attempt_at)))::float8
        from (select next_attempt_at from first_due limit ${MAX_COUNTED}) d
      ) as "webhookLagS",
      (
        select count(*) from (select from webhook_deliveries where next_attempt_at is not null limit ${MAX_COUNTED}) d
      ) as "pendingDeliveries",
      (select count(*) from (select from mails where next_attempt_at is not null limit ${MAX_COUNTED}) m) as "pendingMails"`,
}

const PARKED = {
  name: 'count-parked',
  text: 'select kind, count(*) from setbacks where retry_at is null group by 1',
}

export async function readBacklog(pool: pg.Pool): Promise<Backlog> {
  const [lanes, parked, [rest]] = await Promise.all([
    run<LaneBacklog & pg.QueryResultRow>(pool, LANES, []),
    run<{ kind: SetbackKind; count: number }>(pool, PARKED, []),
    run<Omit<Backlog, 'lanes' | 'parked'> & pg.QueryResultRow>(pool, REST, []),
  ])
  if (rest === undefined) throw new Error('the backlog returned no row')
  return { lanes, parked, ...rest }
}
