/**
 * Starting to pay a booking: a payment of ours, then a page at the provider.
 *
 * Keeps: I5 (one open payment per booking; the provider knows it by an id that is stored first), I7.
 * Locks: booking → payments → idempotency key. The provider is asked between two transactions, never inside one.
 *
 * The tempting wrong way is to ask the provider first and to store what it answers: a crash between the two leaves a page
 * that takes money for a payment nobody knows.
 */
import { eq, sql } from '../../db/drizzle.ts'
import { type BookingRecord, insertRecords } from '../../records/queries/insert-records.ts'
import { findBookingIdentity, lockBooking, type LockedBooking } from '../queries/lock-bookings.ts'
import { lockPayments, type Payment } from '../queries/lock-payments.ts'
import { bookings, payments } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'
import { allowedTransitions, BOOKING_TRANSITIONS } from '../../domain/booking-status.ts'
import { holdWhilePaying } from '../../domain/hold.ts'
import { type CheckoutOrder, ProviderRefusedError, ProviderUnavailableError } from '../../payments/provider.ts'
import { providerOf } from '../../payments/providers.ts'
import type { Caller } from '../../access/tokens.ts'
import { requireRight } from '../booking-access.ts'
import { bookingRecord, partRecord } from '../../records/booking-record.ts'
import { type Cause, SYSTEM } from '../../records/cause.ts'
import type { LifecycleDependencies } from '../lifecycle.ts'
import { readNow, transact } from '../../use-case/transact.ts'
import { findEarlier, type KeyedRequest, rememberKey } from '../../use-case/idempotency.ts'
import { newId } from '../../runtime/new-id.ts'
import { notFound, Problem, transitionRefused } from '../../use-case/problem.ts'
import { settleReport } from './settle-payment.ts'
import { isOpen } from './fail-payment.ts'

/** The provider is asked how a payment stands this long after it was started, unless it has said so by then. */
const RECONCILE_AFTER_MS = 60_000

export interface StartPayment {
  readonly reference: string
  readonly caller: Caller
  readonly requestId: string
  /** Page that the provider sends the buyer to afterwards. */
  readonly returnUrl: string | null
  readonly keyed: KeyedRequest | null
}

export interface StartedPayment {
  readonly paymentId: string
  readonly status: Payment['status']
  readonly checkoutUrl: string | null
  /** It had been started before, by this key or another call. */
  readonly known: boolean
  readonly replayed: boolean
}

/**
 * Returns the booking's open payment; starts one if there is none.
 *
 * @throws Problem `not_found`, `forbidden`, `idempotency_key_reused`
 * @throws Problem `invalid_transition` for a booking that is not pending
 * @throws Problem `hold_expired`, `not_on_sale`
 * @throws Problem `payment_provider_unavailable`: the same call again goes on where this one ended
 * @throws Problem `payment_provider_refused`: the payment has failed, another one may be started
 */
export async function startPayment(deps: LifecycleDependencies, input: StartPayment): Promise<StartedPayment> {
  const found = await findBookingIdentity(deps.database.pool, input.reference)
  if (found === null) throw notFound('booking')
  requireRight(found, input.caller, 'owner')
  const cause = { actor: input.caller.subject, requestId: input.requestId }

  const { order, payment, known, replayed } = await transact(deps.database, async (tx) => {
    const booking = await lockBooking(tx, found.id)
    const own = await lockPayments(tx, [booking.id])
    const earlier = await findEarlier(tx, input.keyed)
    if (earlier !== null) {
      const replay = own.find(({ id }) => id === earlier)
      if (replay === undefined) throw new Error(`payment ${earlier} of an idempotency key is missing`)
      return { order: orderFor(booking, replay), payment: replay, known: true, replayed: true }
    }
    const now = await readNow(tx)
    requirePayable(booking, now)
    const open = own.find(isOpen)
    if (open !== undefined) {
      await rememberKey(tx, input.keyed, open.id)
      return { order: orderFor(booking, open), payment: open, known: true, replayed: false }
    }
    const started = await insertPayment(tx, deps, booking, input.returnUrl, cause, now)
    await rememberKey(tx, input.keyed, started.payment.id)
    return { ...started, known: false, replayed: false }
  })

  const shown = { paymentId: payment.id, known, replayed }
  if (!isOpen(payment) || payment.checkoutUrl !== null) {
    return { ...shown, status: payment.status, checkoutUrl: isOpen(payment) ? payment.checkoutUrl : null }
  }
  return { ...shown, ...(await openCheckout(deps, payment, order)) }
}

function requirePayable(booking: LockedBooking, now: Date): void {
  if (booking.status !== 'pending') {
    const { status } = booking
    const allowed = allowedTransitions(BOOKING_TRANSITIONS, status)
    throw transitionRefused('booking', status, allowed, `The booking is ${status}: there is nothing to pay.`)
  }
  if (booking.expiresAtMs === null || booking.expiresAtMs <= now.getTime()) {
    throw new Problem('hold_expired', { detail: 'The time to pay has expired, and the places go back on sale.' })
  }
  if (!booking.onSale) throw new Problem('not_on_sale', { detail: 'This is no longer on sale.' })
}

async function insertPayment(
  tx: Transaction,
  deps: LifecycleDependencies,
  booking: LockedBooking,
  returnUrl: string | null,
  cause: Cause,
  now: Date,
): Promise<{ payment: Payment; order: CheckoutOrder }> {
  const heldUntilMs = booking.expiresAtMs ?? now.getTime()
  const expiresAtMs = holdWhilePaying(
    { expiresAtMs: heldUntilMs, ttlMs: booking.holdTtlMs, extended: booking.holdExtended },
    now.getTime(),
  )
  const [payment] = await tx.orm
    .insert(payments)
    .values({
      id: newId(),
      bookingId: booking.id,
      provider: deps.providers.current.name,
      status: 'pending',
      currency: booking.currency,
      amount: booking.total,
      returnUrl,
      reconcileAt: new Date(now.getTime() + RECONCILE_AFTER_MS),
      createdAt: now,
      updatedAt: now,
    })
    .returning()
  if (payment === undefined) throw new Error('the payment was not inserted')
  await tx.orm
    .update(bookings)
    .set({
      paymentStatus: 'pending',
      ...(!booking.holdExtended && { expiresAt: new Date(expiresAtMs), holdExtendedAt: now }),
    })
    .where(eq(bookings.id, booking.id))
  const { provider, amount, currency } = payment
  const records: BookingRecord[] = [
    partRecord(booking.id, payment.id, 'payment.started', null, {
      paymentId: payment.id,
      provider,
      amount,
      currency,
      status: 'pending',
    }),
  ]
  if (expiresAtMs > heldUntilMs) {
    const [before, after] = [{ expiresAt: new Date(heldUntilMs) }, { expiresAt: new Date(expiresAtMs) }]
    records.unshift(bookingRecord(booking.id, 'booking.hold_extended', before, after))
  }
  await insertRecords(tx, now, cause, records)
  return { payment, order: orderFor({ ...booking, expiresAtMs }, payment) }
}

function orderFor(booking: LockedBooking, payment: Payment): CheckoutOrder {
  return {
    paymentId: payment.id,
    bookingReference: booking.reference,
    amount: payment.amount,
    currency: payment.currency,
    description: booking.title,
    customerEmail: booking.customerEmail,
    returnUrl: payment.returnUrl,
    expiresAt: new Date(booking.expiresAtMs ?? payment.createdAt.getTime() + booking.holdTtlMs),
  }
}

async function openCheckout(
  deps: LifecycleDependencies,
  payment: Payment,
  order: CheckoutOrder,
): Promise<Pick<StartedPayment, 'status' | 'checkoutUrl'>> {
  try {
    const { providerReference, checkoutUrl } = await providerOf(deps.providers, payment.provider).createCheckout(order)
    return await transact(deps.database, async (tx) => {
      await lockBooking(tx, payment.bookingId)
      const current = (await lockPayments(tx, [payment.bookingId])).find(({ id }) => id === payment.id)
      if (current === undefined) throw new Error(`payment ${payment.id} is missing`)
      // Given up meanwhile: its reconciliation closes the page, now that it knows its name. Not at a time that was rounded up:
      // whoever looks right after the commit has to find it due.
      const due = current.status === 'failed' && { reconcileAt: sql`clock_timestamp()`, reconcileAttempts: 0 }
      await tx.orm
        .update(payments)
        .set({ providerReference, checkoutUrl, ...due })
        .where(eq(payments.id, payment.id))
      return { status: current.status, checkoutUrl: isOpen(current) ? checkoutUrl : null }
    })
  } catch (error) {
    if (error instanceof ProviderRefusedError) {
      deps.logger.warn({ err: error, payment: payment.id }, 'the provider refused to open a page to pay on')
      await settleReport(deps, payment.id, { status: 'refused' }, SYSTEM)
      throw new Problem('payment_provider_refused', { cause: error })
    }
    if (error instanceof ProviderUnavailableError) throw new Problem('payment_provider_unavailable', { cause: error })
    throw error
  }
}
