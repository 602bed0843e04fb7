import type pg from 'pg'
import { run } from '../../../db/transaction.ts'

const CLAIM = {
  name: 'sandbox-claim-deliveries',
  text: `
    with due as materialized (
      select id as due_id from sandbox_deliveries
       where delivered_at is null and due_at <= now()
       order by due_at limit $1
         for no key update skip locked
    )
    update sandbox_deliveries
       set attempts = attempts + 1, due_at = clock_timestamp() + $2::float8 * interval '1 millisecond'
      from due where id = due_id
    returning id, event_id as "eventId", body, attempts`,
}

export interface ClaimedDelivery {
  readonly id: string
  readonly eventId: string
  readonly body: string
  /** The one that begins now included. */
  readonly attempts: number
}

/**
 * Takes due webhooks for `leaseMs`, in one autocommit statement: nobody else sends them meanwhile, and somebody does
 * afterwards, should this process never say how it went.
 */
export function claimDeliveries(pool: pg.Pool, limit: number, leaseMs: number): Promise<ClaimedDelivery[]> {
  return run<ClaimedDelivery>(pool, CLAIM, [limit, leaseMs])
}
