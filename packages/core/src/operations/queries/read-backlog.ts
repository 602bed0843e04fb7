import type pg from 'pg'
import type { SetbackKind } from '../../domain/setback.ts'
import { run } from '../../db/transaction.ts'

/** Lines in which something waits, or that do not go on as usual. */
export interface LinesBacklog {
  /** Undecided requests of all lines, and the gaps between them. */
  readonly requests: number
  /** Lines in which something waits. */
  readonly waiting: number
  /** Seconds that the oldest undecided request of a line has waited that is not paused; 0 where nothing waits. */
  readonly oldestS: number
  readonly paused: number
  readonly draining: number
  /** The longest ones. */
  readonly longest: readonly { readonly id: string; readonly requests: number }[]
}

/** Lines that are reported one by one. */
const LONGEST = 10

/** Counting stops here: so many, or more. */
export const MAX_COUNTED = 10_000

/** Work still to be done, over all processes. No count is above `MAX_COUNTED`. */
export interface Backlog {
  readonly lines: LinesBacklog
  /** Outgoing events without their place in the feed. */
  readonly unpublished: number
  /** For how many seconds the webhook delivery that is due longest has been due; 0 where none is. */
  readonly webhookLagS: number
  readonly pendingDeliveries: number
  readonly pendingMails: number
  /** Work that waits for an operator, without kinds that have none. */
  readonly parked: readonly { readonly kind: SetbackKind; readonly count: number }[]
}

/*
 * Looks at both ends of every line: 40 ms for 100,000 showtimes and events, at a scrape. The oldest request is looked for in
 * the lines that wait alone.
 */
const LINES = {
  name: 'read-lines-backlog',
  text: `
    with line as materialized (
      select s.resource_id as id, s.watermark, s.paused, i.draining, i.next - 1 - s.watermark as requests
      from lines i join resource_state s on s.resource_id = i.resource_id
      where i.next - 1 > s.watermark or s.paused or i.draining
    )
    select
      coalesce(sum(requests) filter (where requests > 0), 0)::bigint as requests,
      count(*) filter (where requests > 0) as waiting,
      count(*) filter (where paused) as paused,
      count(*) filter (where draining) as draining,
      (
        select greatest(0, coalesce(extract(epoch from clock_timestamp() - min(oldest.accepted_at)), 0))::float8
        from line cross join lateral (
          select accepted_at from booking_requests q
          where q.resource_id = line.id and q.seq > line.watermark order by q.seq limit 1
        ) oldest
        where line.requests > 0 and not line.paused
      ) as "oldestS",
      (
        select coalesce(json_agg(json_build_object('id', id, 'requests', requests) order by requests desc), '[]')
        from (select id, requests from line where requests > 0 order by requests desc limit ${LONGEST}) l
      ) as longest
    from line`,
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
  const [[lines], parked, [rest]] = await Promise.all([
    run<LinesBacklog & pg.QueryResultRow>(pool, LINES, []),
    run<{ kind: SetbackKind; count: number }>(pool, PARKED, []),
    run<Omit<Backlog, 'lines' | 'parked'> & pg.QueryResultRow>(pool, REST, []),
  ])
  if (lines === undefined || rest === undefined) throw new Error('the backlog returned no row')
  return { lines, parked, ...rest }
}
