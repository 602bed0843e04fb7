/**
 * Changing a booking's status by hand, with a reason: money came in at the counter, nobody turned up, the organizer calls
 * it off. The same table and the same consequences as for changes that happen by themselves.
 *
 * Keeps: I5 (a booking confirmed by hand has a payment, so that it can be refunded), I6, I7.
 * Locks: [resource's state → promo code →] booking → payments → tickets → idempotency key. Only cancelling changes the
 * inventory and locks it: a queue of buyers at the counter must not keep the line from being decided.
 */
import { eq } from '../db/drizzle.ts'
import { type BookingRecord, insertRecords } from '../records/queries/insert-records.ts'
import { findBookingIdentity, lockBooking, type LockedBooking } from './queries/lock-bookings.ts'
import { lockPayments } from './queries/lock-payments.ts'
import { bookings, payments } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { allowedTransitions, BOOKING_TRANSITIONS, type BookingStatus, canTransition } from '../domain/booking-status.ts'
import { MANUAL } from '../payments/manual.ts'
import type { Caller } from '../access/tokens.ts'
import { findEarlier, type KeyedRequest, rememberKey } from '../use-case/idempotency.ts'
import { newId } from '../runtime/new-id.ts'
import { failPayment, isOpen } from './payments/fail-payment.ts'
import { requireRight } from './booking-access.ts'
import { bookingRecord, partRecord } from '../records/booking-record.ts'
import { cancelLocked, type Cancelled, requireMayRefund } from './cancel-booking.ts'
import { confirmBooking } from './confirm-booking.ts'
import { type LifecycleDependencies, lockBookingWithInventory } from './lifecycle.ts'
import { availabilitySignal } from '../queue/payloads.ts'
import { readNow, transact } from '../use-case/transact.ts'
import { notFound, transitionRefused } from '../use-case/problem.ts'

export interface ChangeStatus {
  readonly reference: string
  readonly caller: Caller
  readonly requestId: string
  readonly status: BookingStatus
  /** Kept in the audit. */
  readonly reason: string
  readonly keyed: KeyedRequest | null
}

/** @throws Problem `not_found`, `forbidden`, `invalid_transition`, `idempotency_key_reused` */
export async function changeStatus(deps: LifecycleDependencies, input: ChangeStatus): Promise<Cancelled> {
  const { status, reason, keyed } = input
  const found = await findBookingIdentity(deps.database.pool, input.reference)
  if (found === null) throw notFound('booking')
  requireRight(found, input.caller, 'staff')
  const by = { actor: input.caller.subject, requestId: input.requestId }

  const outcome = await transact(deps.database, async (tx) => {
    const booking = await (status === 'cancelled' ? lockBookingWithInventory(tx, found) : lockBooking(tx, found.id))
    if ((await findEarlier(tx, keyed)) !== null) return { replayed: true, version: null, refundIds: [] }
    if (!canTransition(BOOKING_TRANSITIONS, booking.status, status)) {
      const allowed = allowedTransitions(BOOKING_TRANSITIONS, booking.status)
      throw transitionRefused('booking', booking.status, allowed)
    }
    if (status === 'cancelled') {
      requireMayRefund(input.caller, booking, 'full')
      const ended = await cancelLocked(tx, booking, { by, reason: 'organizer', note: reason, choice: 'full' })
      await rememberKey(tx, keyed, booking.id)
      return { replayed: false, ...ended }
    }
    const now = await readNow(tx)
    const records =
      status === 'confirmed'
        ? await confirmByHand(tx, booking, reason, now)
        : await closeByHand(tx, booking, status, reason)
    await insertRecords(tx, now, by, records)
    await rememberKey(tx, keyed, booking.id)
    return { replayed: false, version: null, refundIds: [] }
  })
  if (outcome.version !== null) deps.announce(availabilitySignal(found.resourceId, outcome.version))
  return { bookingId: found.id, refundIds: outcome.refundIds, replayed: outcome.replayed }
}

/** Should an open payment complete all the same, it finds the booking confirmed and is paid back. */
async function confirmByHand(
  tx: Transaction,
  booking: LockedBooking,
  note: string,
  now: Date,
): Promise<BookingRecord[]> {
  const records: BookingRecord[] = []
  for (const payment of await lockPayments(tx, [booking.id])) {
    if (isOpen(payment)) records.push(await failPayment(tx, payment, 'paid_otherwise', now))
  }
  const paymentId = newId()
  await tx.orm.insert(payments).values({
    id: paymentId,
    bookingId: booking.id,
    provider: MANUAL,
    status: 'completed',
    currency: booking.currency,
    amount: booking.total,
    captured: booking.total,
    capturedCurrency: booking.currency,
    createdAt: now,
    updatedAt: now,
  })
  const paid = { provider: MANUAL, status: 'completed', captured: booking.total, currency: booking.currency }
  records.push(partRecord(booking.id, 'payment', paymentId, 'completed', null, paid))
  records.push(await confirmBooking(tx, booking, { paidBy: paymentId, note, now }))
  return records
}

async function closeByHand(
  tx: Transaction,
  booking: LockedBooking,
  status: Exclude<BookingStatus, 'confirmed' | 'cancelled'>,
  note: string,
): Promise<BookingRecord[]> {
  await tx.orm.update(bookings).set({ status }).where(eq(bookings.id, booking.id))
  return [bookingRecord(booking.id, status, { status: booking.status }, { status, note })]
}
