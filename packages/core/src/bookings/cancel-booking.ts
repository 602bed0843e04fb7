/**
 * Cancelling a booking: by who made it, by the organizer's staff.
 *
 * Keeps: I6, I5 (a paid booking's refund is promised in the same commit), I7.
 * Locks: resource's state → promo code → booking → payments → tickets → idempotency key.
 */
import { and, eq } from '../db/drizzle.ts'
import { findBookingIdentity, type LockedBooking } from './queries/lock-bookings.ts'
import type { Payment } from './queries/lock-payments.ts'
import { tickets } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { allowedTransitions, BOOKING_TRANSITIONS, canTransition } from '../domain/booking-status.ts'
import type { Minor } from '../domain/money/money.ts'
import { type Paid, type RefundChoice, refundForBuyer, refundForOrganizer } from '../domain/money/refund-policy.ts'
import type { Caller } from '../access/tokens.ts'
import { findEarlier, rememberKey, type KeyedRequest } from '../use-case/idempotency.ts'
import { requireRight } from './booking-access.ts'
import type { Cause } from '../records/cause.ts'
import { endBookings, type Ended } from './end-bookings.ts'
import { type LifecycleDependencies, lockBookingWithInventory } from './lifecycle.ts'
import { availabilitySignal } from '../queue/payloads.ts'
import { readNow, transact } from '../use-case/transact.ts'
import { notFound, Problem, transitionRefused } from '../use-case/problem.ts'
import { inTurn } from './resource-turns.ts'

export interface CancelBooking {
  readonly reference: string
  readonly caller: Caller
  readonly requestId: string
  readonly reason?: string | undefined
  /** For staff: `full` unless given, for the organizer's own cancellation returns the fee too. A buyer's goes by policy. */
  readonly refund?: RefundChoice | undefined
  readonly keyed: KeyedRequest | null
}

export interface Cancelled {
  readonly bookingId: string
  /** Promised refunds, for the caller to send. */
  readonly refundIds: readonly string[]
  readonly replayed: boolean
}

/**
 * Cancels a booking.
 *
 * @throws Problem `not_found`, `forbidden`, `invalid_transition`, `idempotency_key_reused`
 * @throws Problem `not_cancellable` for a buyer whose show has begun or who has been admitted
 */
export async function cancelBooking(deps: LifecycleDependencies, input: CancelBooking): Promise<Cancelled> {
  const found = await findBookingIdentity(deps.database.pool, input.reference)
  if (found === null) throw notFound('booking')
  const relation = requireRight(found, input.caller, 'owner', 'staff')
  if (input.refund !== undefined && !relation.staff) {
    throw new Problem('forbidden', { detail: "Only the organizer's staff can choose the refund." })
  }
  const choice = relation.staff ? (input.refund ?? 'full') : 'policy'
  const cause = { actor: input.caller.subject, requestId: input.requestId }

  const cancel = async (tx: Transaction) => {
    const booking = await lockBookingWithInventory(tx, found)
    if ((await findEarlier(tx, input.keyed)) !== null) return null
    if (relation.staff) requireMayRefund(input.caller, booking, choice)
    else await requireBuyerMayCancel(tx, booking)
    const ended = await cancelLocked(tx, booking, {
      cause,
      reason: relation.staff ? 'organizer' : 'customer',
      note: input.reason,
      choice,
    })
    await rememberKey(tx, input.keyed, booking.id)
    return ended
  }
  const outcome = await inTurn(deps.database, found.resourceId, () => transact(deps.database, cancel))
  if (outcome === null) return { bookingId: found.id, refundIds: [], replayed: true }
  deps.announce(availabilitySignal(found.resourceId, outcome.version))
  return { bookingId: found.id, refundIds: outcome.refundIds, replayed: false }
}

/** Cancels a booking whose inventory is locked too. Throws Problem `invalid_transition` for one that is over. */
export async function cancelLocked(
  tx: Transaction,
  booking: LockedBooking,
  how: {
    readonly cause: Cause
    readonly reason: 'customer' | 'organizer'
    readonly note: string | undefined
    readonly choice: RefundChoice
  },
): Promise<Ended> {
  if (!canTransition(BOOKING_TRANSITIONS, booking.status, 'cancelled')) {
    throw transitionRefused('booking', booking.status, allowedTransitions(BOOKING_TRANSITIONS, booking.status))
  }
  const now = await readNow(tx)
  return endBookings(tx, booking.resourceId, [booking], {
    cause: how.cause,
    reason: how.reason,
    note: how.note,
    paymentFailure: 'booking_cancelled',
    refund: (_, payment) => refundOf(booking, payment, how.choice, now),
    now,
  })
}

function refundOf(booking: LockedBooking, payment: Payment, choice: RefundChoice, now: Date): Minor {
  const paid: Paid = { total: payment.captured, fee: booking.fee, returned: payment.refunded + payment.reserved }
  switch (choice) {
    case 'none':
      return 0
    case 'full':
      return refundForOrganizer(paid)
    case 'policy':
      return refundForBuyer(booking.refundPolicy, paid, booking.startsAtMs, now.getTime())
  }
}

/**
 * Throws if a key may not refund: what it may not do by refunding, it may not do by cancelling either.
 *
 * @throws Problem `forbidden`
 */
export function requireMayRefund({ scopes }: Caller, booking: LockedBooking, choice: RefundChoice): void {
  if (choice === 'none' || scopes === null || scopes.includes('refunds:write')) return
  const paid = booking.paymentStatus === 'completed' || booking.paymentStatus === 'partially_refunded'
  if (!paid || booking.total === 0) return
  throw new Problem('forbidden', { detail: 'Money would go back, and this API key lacks the scope refunds:write.' })
}

async function requireBuyerMayCancel(tx: Transaction, booking: LockedBooking): Promise<void> {
  if (booking.status !== 'confirmed') return
  if ((await readNow(tx)).getTime() >= booking.startsAtMs) {
    throw new Problem('not_cancellable', {
      detail: 'The show has started, so only the organizer can cancel this booking.',
    })
  }
  const used = await tx.orm
    .select({ id: tickets.id })
    .from(tickets)
    .where(and(eq(tickets.bookingId, booking.id), eq(tickets.status, 'checked_in')))
    .limit(1)
  if (used.length > 0) {
    throw new Problem('not_cancellable', {
      detail: 'A ticket has been used, so only the organizer can cancel this booking.',
    })
  }
}
