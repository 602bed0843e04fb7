/**
 * Refunding a booking by hand, in whole or in part, and several times.
 *
 * Keeps: I5 (never more than was captured, over any number of refunds at once; the payment that paid is refunded first;
 * a booking that is cancelled by its refund keeps nothing of any payment, promised by the same commit), I6, I7.
 * Locks: [resource's state → promo code →] booking → payments → tickets → idempotency key.
 *
 * The tempting wrong way is to refund the oldest payment that has something left: where a second payment's refund has
 * failed, that is not the one that paid, and the booking is cancelled with its money kept.
 */
import { insertRecords } from '../../records/queries/insert-records.ts'
import { findBookingIdentity, lockBooking } from '../queries/lock-bookings.ts'
import { lockPayments } from '../queries/lock-payments.ts'
import { allowedTransitions, BOOKING_TRANSITIONS, canTransition } from '../../domain/booking-status.ts'
import { formatMoney, type Minor } from '../../domain/money/money.ts'
import { inRefundOrder, refundable } from '../../domain/payment.ts'
import type { Caller } from '../../access/tokens.ts'
import { requireRight } from '../booking-access.ts'
import { endBookings } from '../end-bookings.ts'
import { type LifecycleDependencies, lockBookingWithInventory } from '../lifecycle.ts'
import { availabilitySignal } from '../../queue/payloads.ts'
import { readNow, transact } from '../../use-case/transact.ts'
import { findEarlier, type KeyedRequest, rememberKey } from '../../use-case/idempotency.ts'
import { notFound, Problem, transitionRefused } from '../../use-case/problem.ts'
import { reserveRefund } from './reserve-refund.ts'

export interface RequestRefund {
  readonly reference: string
  readonly caller: Caller
  readonly requestId: string
  /** Minor units; all that is left of the payment unless given. */
  readonly amount: Minor | undefined
  readonly reason: string
  /**
   * True to cancel the booking too, if this refunds all that is left of the payment, and to refund the rest of its
   * other payments.
   */
  readonly cancelBooking: boolean
  readonly keyed: KeyedRequest | null
}

export interface RequestedRefund {
  readonly refundId: string
  /** All that were promised, for the caller to send. */
  readonly refundIds: readonly string[]
  readonly replayed: boolean
}

/**
 * Promises a refund.
 *
 * @throws Problem `not_found`, `forbidden`, `idempotency_key_reused`
 * @throws Problem `invalid_transition` if the booking is to be cancelled and is over
 * @throws Problem `nothing_to_refund`, `refund_exceeds_captured`
 */
export async function requestRefund(deps: LifecycleDependencies, input: RequestRefund): Promise<RequestedRefund> {
  const found = await findBookingIdentity(deps.database.pool, input.reference)
  if (found === null) throw notFound('booking')
  requireRight(found, input.caller, 'organizer')
  const cause = { actor: input.caller.subject, requestId: input.requestId }

  const outcome = await transact(deps.database, async (tx) => {
    const booking = input.cancelBooking ? await lockBookingWithInventory(tx, found) : await lockBooking(tx, found.id)
    const own = await lockPayments(tx, [booking.id])
    const earlier = await findEarlier(tx, input.keyed)
    if (earlier !== null) return { refundId: earlier, refundIds: [earlier], replayed: true, version: null }

    if (input.cancelBooking && !canTransition(BOOKING_TRANSITIONS, booking.status, 'cancelled')) {
      const allowed = allowedTransitions(BOOKING_TRANSITIONS, booking.status)
      throw transitionRefused('booking', booking.status, allowed)
    }
    const [payment] = inRefundOrder(own, booking.paidBy)
    if (payment === undefined) {
      throw new Problem('nothing_to_refund', {
        detail: 'Nothing was paid for this booking, or all of it has gone back.',
      })
    }
    const left = refundable(payment)
    const amount = input.amount ?? left
    if (amount > left) {
      const currency = payment.capturedCurrency ?? payment.currency
      throw new Problem('refund_exceeds_captured', {
        detail: `At most ${formatMoney(left, currency)} of this payment can be refunded.`,
        facts: { refundable: left, currency },
      })
    }
    const now = await readNow(tx)
    const { refundId, record } = await reserveRefund(tx, payment, { amount, reason: input.reason, now })
    await insertRecords(tx, now, cause, [record])
    await rememberKey(tx, input.keyed, refundId)
    if (!input.cancelBooking || amount < left) {
      return { refundId, refundIds: [refundId], replayed: false, version: null }
    }
    const { version, refundIds } = await endBookings(tx, booking.resourceId, [booking], {
      cause,
      reason: 'organizer',
      note: input.reason,
      paymentFailure: 'booking_cancelled',
      refund: (_, paying) => refundable(paying),
      now,
    })
    return { refundId, refundIds: [refundId, ...refundIds], replayed: false, version }
  })
  if (outcome.version !== null) deps.announce(availabilitySignal(found.resourceId, outcome.version))
  const { refundId, refundIds, replayed } = outcome
  return { refundId, refundIds, replayed }
}
