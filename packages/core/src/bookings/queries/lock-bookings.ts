import type pg from 'pg'
import type { BookingStatus, PaymentStatus } from '../../domain/booking-status.ts'
import type { CancelReason } from '../../domain/cancellation.ts'
import type { RefundPolicy } from '../../domain/money/refund-policy.ts'
import { run, type Transaction } from '../../db/transaction.ts'

/** Unchanging facts about a booking: enough to know what to lock and who may change it. */
export interface BookingIdentity {
  readonly id: string
  readonly reference: string
  readonly resourceId: string
  readonly organizerId: string
  readonly owner: string
  readonly promoCodeId: string | null
}

/** A booking under its lock, with the terms of its resource. Times in ms since the epoch, amounts in minor units. */
export interface LockedBooking extends BookingIdentity {
  readonly status: BookingStatus
  readonly paymentStatus: PaymentStatus
  readonly currency: string
  readonly fee: number
  readonly total: number
  /** Seats and tickets together. */
  readonly places: number
  readonly customerEmail: string
  readonly expiresAtMs: number | null
  readonly holdExtended: boolean
  readonly paidBy: string | null
  readonly cancelReason: CancelReason | null
  readonly holdTtlMs: number
  /** Refund policy at the time of booking. */
  readonly refundPolicy: RefundPolicy
  /** Title of what is booked, for people. */
  readonly title: string
  readonly startsAtMs: number
  readonly endsAtMs: number
  /** True if its showtime or event is still to take place. */
  readonly onSale: boolean
}

const IDENTITY = `b.id, b.reference, b.resource_id as "resourceId", b.organizer_id as "organizerId", b.owner,
    b.promo_code_id as "promoCodeId"`

const FIND = { name: 'find-booking-identity', text: `select ${IDENTITY} from bookings b where b.reference = $1` }

const FIND_BY_ID = { name: 'find-booking-identity-by-id', text: `select ${IDENTITY} from bookings b where b.id = $1` }

const select = (condition: string, locking = '') => `
  select ${IDENTITY}, b.status, b.payment_status as "paymentStatus", b.currency, b.fee, b.total,
    (select sum(quantity)::int from booking_items where booking_id = b.id) as places, b.customer_email as "customerEmail",
    (extract(epoch from b.expires_at) * 1000)::float8 as "expiresAtMs", b.hold_extended_at is not null as "holdExtended",
    b.paid_by as "paidBy", b.cancel_reason as "cancelReason",
    r.hold_ttl_ms as "holdTtlMs", 
    coalesce((select p.policy from former_refund_policies p
      where p.resource_id = b.resource_id and p.until > b.created_at order by p.until limit 1),
      r.refund_policy) as "refundPolicy", coalesce(m.title, e.title) as title,
    (extract(epoch from coalesce(s.starts_at, e.starts_at)) * 1000)::float8 as "startsAtMs",
    (extract(epoch from coalesce(s.starts_at + make_interval(mins => m.duration_minutes), e.ends_at)) * 1000)::float8
      as "endsAtMs",
    coalesce(s.status = 'active', e.status = 'published') as "onSale"
  from bookings b
  join resources r on r.id = b.resource_id
  left join showtimes s on s.id = b.resource_id
  left join movies m on m.id = s.movie_id
  left join events e on e.id = b.resource_id
  where ${condition} order by b.id for no key update of b ${locking}`

const LOCK = { name: 'lock-bookings', text: select('b.id = any($1::uuid[])') }

const LOCK_EXPIRED = {
  name: 'lock-expired-bookings',
  text: select(`b.resource_id = $1 and b.id = any($2::uuid[]) and b.expires_at <= clock_timestamp()`, 'skip locked'),
}

/** Returns a booking's identity by its reference, without locking it; `null` if there is none. */
export async function findBookingIdentity(
  executor: pg.Pool | pg.PoolClient,
  reference: string,
): Promise<BookingIdentity | null> {
  const [row] = await run<BookingIdentity>(executor, FIND, [reference])
  return row ?? null
}

/** Returns a booking's identity by its id, without locking it; `null` if there is none. */
export async function findBookingIdentityById(
  executor: pg.Pool | pg.PoolClient,
  id: string,
): Promise<BookingIdentity | null> {
  const [row] = await run<BookingIdentity>(executor, FIND_BY_ID, [id])
  return row ?? null
}

/** Locks a booking. Bookings are never deleted, so one that was found is there. */
export async function lockBooking(tx: Transaction, id: string): Promise<LockedBooking> {
  const [row] = await run<LockedBooking>(tx.client, LOCK, [[id]])
  if (row === undefined) throw new Error(`there is no booking ${id}`)
  return row
}

/** Locks these bookings, in id order. */
export async function lockBookings(tx: Transaction, ids: readonly string[]): Promise<LockedBooking[]> {
  return run<LockedBooking>(tx.client, LOCK, [ids])
}

/** Locks those of these bookings of one resource whose hold is over. Those that somebody is working on are left out. */
export async function lockExpiredBookings(
  tx: Transaction,
  resourceId: string,
  ids: readonly string[],
): Promise<LockedBooking[]> {
  return run<LockedBooking>(tx.client, LOCK_EXPIRED, [resourceId, ids])
}
