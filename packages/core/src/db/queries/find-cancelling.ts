import type pg from 'pg'
import { run } from '../transaction.ts'

const FIND_RESOURCES = {
  name: 'find-unfinished-cancellations',
  text: `
    select resource_id as "resourceId", reason, actor, request_id as "requestId"
    from resource_cancellations where finished_at is null order by random() limit $1`,
}

const FIND_BOOKINGS = {
  name: 'find-bookings-to-cancel',
  text: `
    select id, promo_code_id as "promoCodeId" from bookings
    where resource_id = $1 and id > $2 and status in ('pending', 'confirmed') order by id limit $3`,
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
}

/** Cancelled resources whose bookings are not all cancelled yet: in no order, so that none waits for one that fails. */
export async function findUnfinishedCancellations(pool: pg.Pool, limit: number): Promise<UnfinishedCancellation[]> {
  return run<UnfinishedCancellation & Record<string, unknown>>(pool, FIND_RESOURCES, [limit])
}

/** Live bookings of a resource beyond the id `after`. Takes no locks: look again under them. */
export async function findBookingsToCancel(
  pool: pg.Pool,
  resourceId: string,
  after: string,
  limit: number,
): Promise<BookingToCancel[]> {
  return run<BookingToCancel & Record<string, unknown>>(pool, FIND_BOOKINGS, [resourceId, after, limit])
}
