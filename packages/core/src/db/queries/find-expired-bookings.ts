import type pg from 'pg'
import { run } from '../transaction.ts'

/** `now()` and not the wall clock: an index cannot be searched for a time that changes meanwhile. */
const FIND = {
  name: 'find-expired-bookings',
  text: `
    select b.resource_id as "resourceId", array_agg(b.id) as ids,
      coalesce(array_agg(distinct b.promo_code_id) filter (where b.promo_code_id is not null), '{}') as "promoCodeIds"
    from (select id, resource_id, promo_code_id from bookings
      where expires_at <= now() order by expires_at limit $1) b
    group by 1 order by 1`,
}

/** Pending bookings of one resource whose hold is over. */
export interface ExpiredBookings {
  readonly resourceId: string
  readonly ids: readonly string[]
  readonly promoCodeIds: readonly string[]
}

/** The bookings whose hold ended first, at most `limit`, by resource. Takes no locks: look again under them. */
export async function findExpiredBookings(pool: pg.Pool, limit: number): Promise<ExpiredBookings[]> {
  return run<ExpiredBookings & Record<string, unknown>>(pool, FIND, [limit])
}
