import type pg from 'pg'
import { run } from '../../db/transaction.ts'

export interface SettledAttempt {
  readonly attemptId: string
  readonly deliveryId: string
  /** The number of the attempt, as it was claimed. */
  readonly attempts: number
  readonly status: 'pending' | 'delivered' | 'failed'
  /** Time until the next attempt; `null` unless pending. */
  readonly waitMs: number | null
  readonly statusCode: number | null
  readonly error: string | null
  readonly response: string | null
  readonly durationMs: number
}

/*
 * One statement, so that there is no moment in which the next event of the entity is not called. It is called only if
 * nobody has tried it yet: one that is tried already has a time of its own. What was taken was taken, also where the
 * lease was over by then, or the delivery given up; a failure counts only for whoever has the delivery. Where the last one
 * that waited is given up, nothing shows any more whether the endpoint still fails, so it counts as new.
 *
 * Locks: the endpoint, where how it stands is to change → the delivery → the next one. PostgreSQL runs the
 * parts in any order that their data allow; the count makes sure that the endpoint is locked before anything is written.
 * Taken last, it deadlocks with whoever changes the endpoint and calls what waits for it.
 */
const SETTLE = {
  name: 'settle-webhook-delivery',
  text: `
    with endpoint as materialized (
      select id from webhook_endpoints
      where id = (select endpoint_id from webhook_deliveries where id = $1) and (failing_since is null) = ($3 = 'pending')
      for no key update
    ), attempt as (
      insert into webhook_attempts (id, delivery_id, at, duration_ms, status_code, error, response)
      values ($7, $1, clock_timestamp() - $8::int * interval '1 millisecond', $8, $5, $6, $9)
    ), settled as (
      update webhook_deliveries set status = $3, last_status_code = $5, last_error = $6,
        next_attempt_at = clock_timestamp() + $4::float8 * interval '1 millisecond',
        delivered_at = case when $3 = 'delivered' then clock_timestamp() end
      where id = $1 and (status = 'pending' and attempts = $2 or status <> 'delivered' and $3 = 'delivered')
        and (select count(*) from endpoint) >= 0
      returning id, endpoint_id, entity_id
    ), called as (
      update webhook_deliveries set next_attempt_at = clock_timestamp()
      where attempts = 0 and id = (
        select n.id from settled s cross join lateral (
          select id from webhook_deliveries
          where endpoint_id = s.endpoint_id and entity_id = s.entity_id and status = 'pending' and id <> s.id
          order by entity_seq, id limit 1) n
        where $3 <> 'pending')
    ), noted as (
      update webhook_endpoints e set failing_since = case when $3 = 'pending' then clock_timestamp() end
      where id = (select n.id from endpoint n join settled s on s.endpoint_id = n.id)
        and ($3 <> 'failed' or not exists (
          select from webhook_deliveries where endpoint_id = e.id and status = 'pending' and id <> $1))
    )
    select e.failing_since is null as "isFirst",
      e.failing_since < clock_timestamp() - $10::float8 * interval '1 millisecond' as "isTooLong"
    from settled s join webhook_endpoints e on e.id = s.endpoint_id`,
}

/** State of an endpoint after a failure: it begins to fail, fails for a while, or for too long. */
export type Failing = 'begins' | 'still' | 'too long'

/**
 * Writes down how an attempt went, in one autocommit statement.
 *
 * @param tooLongMs when nothing has got through for this time
 * @returns `null` where it was taken, or somebody else has the delivery by now
 */
export async function settleDelivery(
  pool: pg.Pool,
  settled: SettledAttempt,
  tooLongMs: number,
): Promise<Failing | null> {
  const { deliveryId, attempts, status, waitMs, statusCode, error, attemptId, durationMs, response } = settled
  const values = [deliveryId, attempts, status, waitMs, statusCode, error, attemptId, durationMs, response, tooLongMs]
  const [row] = await run<{ isFirst: boolean; isTooLong: boolean | null }>(pool, SETTLE, values)
  if (row === undefined || status === 'delivered') return null
  if (row.isFirst) return 'begins'
  return row.isTooLong === true ? 'too long' : 'still'
}
