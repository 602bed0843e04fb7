import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const FIND_RESOURCES = {
  name: 'find-unfinished-cancellations',
  text: `
    select resource_id as "resourceId", reason, actor, request_id as "requestId"
    from resource_cancellations where finished_at is null order by random() limit $1`,
}

const FIND_BOOKINGS = {
  name: 'find-bookings-to-cancel',
  text: `
    select b.id, b.promo_code_id as "promoCodeId",
      (select coalesce(sum(quantity), 0)::int from booking_items where booking_id = b.id) as places
    from bookings b
    where b.resource_id = $1 and b.id > $2 and b.status in ('pending', 'confirmed')
      and not exists (select from setbacks f where f.kind = 'cancellation' and f.subject_id = b.id
        and (f.retry_at is null or f.retry_at > now()))
    order by b.id limit $3`,
}

export interface UnfinishedCancellation {
  readonly resourceId: string
  readonly reason: string
  readonly actor: string
  readonly requestId: string | null
}

export interface BookingToCancel {
  readonly id: string
  readonly promoCodeId: string | null
  /** Seats and tickets. */
  readonly places: number
}

/**
 * Returns cancelled resources whose bookings are not all cancelled yet: in no order, so that none waits for one that
 * fails.
 */
export async function findUnfinishedCancellations(pool: pg.Pool, limit: number): Promise<UnfinishedCancellation[]> {
  return run<UnfinishedCancellation & Record<string, unknown>>(pool, FIND_RESOURCES, [limit])
}

/**
 * Returns live bookings of a resource beyond the id `after`, except those that are set aside. Takes no locks: look
 * again under them.
 */
export async function findBookingsToCancel(
  pool: pg.Pool,
  resourceId: string,
  after: string,
  limit: number,
): Promise<BookingToCancel[]> {
  return run<BookingToCancel & Record<string, unknown>>(pool, FIND_BOOKINGS, [resourceId, after, limit])
}
