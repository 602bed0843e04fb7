import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** `now()` and not the wall clock: an index cannot be searched for a time that changes meanwhile. */
const FIND = {
  name: 'find-expired-bookings',
  text: `
    select b.resource_id as "resourceId", array_agg(b.id) as ids, array_agg(b.places) as places,
      coalesce(array_agg(distinct b.promo_code_id) filter (where b.promo_code_id is not null), '{}') as "promoCodeIds"
    from (select id, resource_id, promo_code_id,
        (select coalesce(sum(quantity), 0)::int from booking_items where booking_id = h.id) as places
      from bookings h
      where expires_at <= now() and resource_id <> all ($2::uuid[])
        and not exists (select from setbacks f where f.kind = 'expiry' and f.subject_id = h.id
          and (f.retry_at is null or f.retry_at > now()))
      order by expires_at limit $1) b
    group by 1 order by 1`,
}

/** Pending bookings of one resource whose hold is over. */
export interface ExpiredBookings {
  readonly resourceId: string
  readonly ids: readonly string[]
  /** Seats and tickets of each. */
  readonly places: readonly number[]
  readonly promoCodeIds: readonly string[]
}

/**
 * Returns the bookings whose hold ended first, at most `limit`, by resource, except those that are set aside and those
 * of the resources `except`. Takes no locks: look again under them.
 */
export async function findExpiredBookings(
  pool: pg.Pool,
  limit: number,
  except: readonly string[],
): Promise<ExpiredBookings[]> {
  return run<ExpiredBookings & Record<string, unknown>>(pool, FIND, [limit, except])
}
