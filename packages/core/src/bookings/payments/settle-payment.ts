/**
 * Acting on payment reports, wherever they come from: a webhook, or asking the provider.
 *
 * Keeps: I5 (money that was taken ends in a confirmed booking or in a refund), I6, I7. Duplicates and any order of reports
 * end in the same state, for `domain/payment.ts` decides by what is known of the payment and the booking alone.
 * Locks: [provider inbox →] [resource's state → promo code →] booking → payments → refunds → tickets.
 *
 * Most reports change no inventory and lock none: a rush of confirmations must not keep the line from being decided. Where
 * they turn out to, the transaction is rolled back and taken up again with all locks from the start. The tempting wrong
 * way is to lock the resource afterwards, which deadlocks with the decider and with expiry.
 */
import { eq } from '../../db/drizzle.ts'
import { type BookingRecord, insertRecords } from '../../records/queries/insert-records.ts'
import {
  type BookingIdentity,
  findBookingIdentityById,
  lockBooking,
  type LockedBooking,
} from '../queries/lock-bookings.ts'
import { lockInventory } from '../../inventory/queries/lock-inventory.ts'
import { isKeptForBuyer } from '../queries/is-kept-for-buyer.ts'
import { lockPayments, type Payment } from '../queries/lock-payments.ts'
import { bookings, payments } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'
import { assertTransition, PAYMENT_TRANSITIONS, type PaymentStatus } from '../../domain/booking-status.ts'
import {
  type AutomaticRefund,
  bookingPaymentStatus,
  type Captured,
  type PaymentReport,
  settlePayment,
} from '../../domain/payment.ts'
import type { BookingEventType, FactsOf } from '../../domain/outgoing-events/outgoing-events.ts'
import { holdWhileProcessing } from '../../domain/hold.ts'
import { bookingRecord, partRecord } from '../../records/booking-record.ts'
import type { Cause } from '../../records/cause.ts'
import { confirmBooking } from '../confirm-booking.ts'
import { endBookings } from '../end-bookings.ts'
import type { LifecycleDependencies } from '../lifecycle.ts'
import { availabilitySignal } from '../../queue/payloads.ts'
import { readNow, transact } from '../../use-case/transact.ts'
import { reinstateInventory } from '../reinstate-inventory.ts'
import { failPayment, isOpen } from './fail-payment.ts'
import { reserveRefund } from './reserve-refund.ts'

/** `refused`: the provider would not even open a page, so that the buyer may start another payment. */
export type ReportOrRefusal = PaymentReport | { readonly status: 'refused' }

/** Runs in the transaction first: locks the inbox row, or says that there is nothing left to do. */
export type Preamble = (tx: Transaction) => Promise<'go_on' | 'done'>

export interface Settled {
  /** `unknown`: there is no such payment (yet). */
  readonly outcome: 'settled' | 'done' | 'unknown'
  /** Promised refunds, for the caller to send. */
  readonly refundIds: readonly string[]
}

export interface SettleOptions {
  readonly preamble?: Preamble
  /** Provider's id of the payment: stored if the answer that had it never reached us. */
  readonly providerReference?: string | null
}

const GO_ON: Preamble = () => Promise.resolve('go_on')

/** Acts on a report of a payment, by the payment's id. `preamble` and what follows are one transaction. */
export async function settleReport(
  deps: LifecycleDependencies,
  paymentId: string,
  report: ReportOrRefusal,
  cause: Cause,
  { preamble = GO_ON, providerReference = null }: SettleOptions = {},
): Promise<Settled> {
  const [known] = await deps.database.orm
    .select({ bookingId: payments.bookingId })
    .from(payments)
    .where(eq(payments.id, paymentId))
  const booking = known === undefined ? null : await findBookingIdentityById(deps.database.pool, known.bookingId)
  if (booking === null) return { outcome: 'unknown', refundIds: [] }

  const attempt = { booking, paymentId, report, cause, preamble, providerReference }
  let outcome = await transact(deps.database, (tx) => settleOnce(tx, deps, attempt, false)).catch(ifInventoryNeeded)
  outcome ??= await transact(deps.database, (tx) => settleOnce(tx, deps, attempt, true))
  if (outcome.version !== null) deps.announce(availabilitySignal(booking.resourceId, outcome.version))
  return { outcome: outcome.outcome, refundIds: outcome.refundIds }
}

interface Attempt {
  readonly booking: BookingIdentity
  readonly paymentId: string
  readonly report: ReportOrRefusal
  readonly cause: Cause
  readonly preamble: Preamble
  readonly providerReference: string | null
}

interface Outcome {
  readonly outcome: 'settled' | 'done'
  readonly refundIds: readonly string[]
  /** Version of the resource, if its availability changed. */
  readonly version: number | null
}

/** Thrown to roll back and come again with the inventory's locks. */
class InventoryNeeded extends Error {}

function ifInventoryNeeded(error: unknown): null {
  if (error instanceof InventoryNeeded) return null
  throw error
}

async function settleOnce(
  tx: Transaction,
  deps: LifecycleDependencies,
  { booking: identity, paymentId, report, cause, preamble, providerReference }: Attempt,
  withInventory: boolean,
): Promise<Outcome> {
  if ((await preamble(tx)) === 'done') return { outcome: 'done', refundIds: [], version: null }
  if (withInventory) {
    await lockInventory(tx, [identity.resourceId], identity.promoCodeId === null ? [] : [identity.promoCodeId])
  }
  const booking = await lockBooking(tx, identity.id)
  const own = await lockPayments(tx, [booking.id])
  const payment = own.find(({ id }) => id === paymentId)
  if (payment === undefined) throw new Error(`payment ${paymentId} is missing`)
  if (payment.providerReference === null && providerReference !== null) {
    await tx.orm.update(payments).set({ providerReference }).where(eq(payments.id, paymentId))
  }
  const change: Change = { tx, deps, booking, own, payment, cause, now: await readNow(tx), records: [], refundIds: [] }

  const version = await act(change, report, withInventory)
  if (change.records.length > 0) await insertRecords(tx, change.now, cause, change.records)
  return { outcome: 'settled', refundIds: change.refundIds, version }
}

interface Change {
  readonly tx: Transaction
  readonly deps: LifecycleDependencies
  readonly booking: LockedBooking
  /** All payments of the booking, oldest first. */
  readonly own: readonly Payment[]
  readonly payment: Payment
  readonly cause: Cause
  readonly now: Date
  readonly records: BookingRecord[]
  readonly refundIds: string[]
}

/** Returns the resource's new version where its availability changed. */
async function act(change: Change, report: ReportOrRefusal, withInventory: boolean): Promise<number | null> {
  const { tx, booking, payment, records, now } = change
  if (report.status === 'refused') {
    if (!isOpen(payment)) return null
    records.push(await failPayment(tx, payment, 'provider_refused', now))
    await showPaymentStatus(change, 'failed')
    return null
  }
  const settlement = settlePayment(payment, booking, report)
  switch (settlement.action) {
    case 'ignore':
      return null
    case 'process':
      assertTransition(PAYMENT_TRANSITIONS, payment.status, 'processing')
      await tx.orm.update(payments).set({ status: 'processing', updatedAt: now }).where(eq(payments.id, payment.id))
      records.push(paymentRecord(change, 'payment.processing', { paymentId: payment.id, status: 'processing' }))
      await showPaymentStatus(change, 'processing')
      await keepWhileProcessing(change)
      return null
    case 'decline':
      await tx.orm
        .update(payments)
        .set({ declines: payment.declines + 1, updatedAt: now })
        .where(eq(payments.id, payment.id))
      records.push(
        paymentRecord(change, 'payment.declined', {
          paymentId: payment.id,
          status: payment.status,
          reason: settlement.reason,
        }),
      )
      return null
    case 'fail': {
      if (!settlement.cancelsBooking || (await isKeptForBuyer(tx.client, booking.id))) {
        records.push(await failPayment(tx, payment, 'declined_finally', now))
        await showPaymentStatus(change, 'failed')
        return null
      }
      if (!withInventory) throw new InventoryNeeded()
      const { cause } = change
      const ending = { cause, reason: 'payment_failed', paymentFailure: 'declined_finally', now } as const
      return (await endBookings(tx, booking.resourceId, [booking], ending)).version
    }
    case 'confirm':
      await capture(change, { amount: payment.amount, currency: payment.currency }, 'completed')
      await giveUpOthers(change)
      records.push(await confirmBooking(tx, booking, { paidBy: payment.id, now }))
      return null
    case 'reinstate': {
      if (!withInventory) throw new InventoryNeeded()
      await capture(change, { amount: payment.amount, currency: payment.currency }, 'completed')
      const version = await reinstateInventory(tx, booking, now)
      if (version === null) {
        await showPaymentStatus(change, 'completed')
        await refundAll(change, 'late_payment')
        return null
      }
      records.push(
        bookingRecord(
          booking.id,
          'booking.reinstated',
          { cancelReason: booking.cancelReason },
          { status: 'confirmed' },
        ),
      )
      records.push(await confirmBooking(tx, booking, { paidBy: payment.id, now }))
      return version
    }
    case 'refund':
      await capture(change, { amount: payment.amount, currency: payment.currency }, 'completed')
      await showPaymentStatus(change, 'completed')
      await refundAll(change, settlement.reason)
      return null
    case 'refuse': {
      if (report.status !== 'completed') throw new Error('only a completed payment can have the wrong amount')
      const { captured } = report
      change.deps.logger.error(
        { payment: payment.id, asked: payment.amount, currency: payment.currency, captured },
        'a payment of another amount or currency was refused and goes back',
      )
      await capture(change, captured, 'failed')
      await showPaymentStatus(change, 'failed')
      await refundAll(change, 'amount_mismatch')
      return null
    }
  }
}

/**
 * Notes what the provider took; whoever calls this lets the booking show it. A payment that is refused stays `failed`,
 * whatever it took.
 */
async function capture(change: Change, captured: Captured, status: 'completed' | 'failed'): Promise<void> {
  const { tx, payment, now } = change
  assertTransition(PAYMENT_TRANSITIONS, payment.status, status)
  const failure = status === 'failed' ? 'amount_mismatch' : null
  await tx.orm
    .update(payments)
    .set({
      status,
      failure,
      captured: captured.amount,
      capturedCurrency: captured.amount === 0 ? null : captured.currency,
      reconcileAt: null,
      updatedAt: now,
    })
    .where(eq(payments.id, payment.id))
  const asked = { amount: payment.amount, currency: payment.currency }
  const facts = { paymentId: payment.id, captured: captured.amount, currency: captured.currency }
  change.records.push(
    status === 'completed'
      ? paymentRecord(change, 'payment.completed', { ...facts, status })
      : paymentRecord(change, 'payment.refused', { ...facts, status, failure: 'amount_mismatch', asked }),
  )
  Object.assign(payment, { captured: captured.amount, capturedCurrency: captured.currency })
}

/** Keeps the places of a booking until the provider knows how its payment ended, within the provider's bound. */
async function keepWhileProcessing({ tx, deps, booking, payment, records, now }: Change): Promise<void> {
  const { expiresAtMs, endsAtMs } = booking
  // Over or paid: the money that is on its way finds that out when it comes.
  if (booking.status !== 'pending' || expiresAtMs === null) return
  const windowMs = deps.providers.all.get(payment.provider)?.processingWindowMs ?? 0
  const extendedMs = holdWhileProcessing({ expiresAtMs, windowMs, endsAtMs }, now.getTime())
  if (extendedMs <= expiresAtMs) return
  const [before, after] = [{ expiresAt: new Date(expiresAtMs) }, { expiresAt: new Date(extendedMs) }]
  await tx.orm.update(bookings).set(after).where(eq(bookings.id, booking.id))
  records.push(bookingRecord(booking.id, 'booking.hold_extended', before, after))
}

async function refundAll(change: Change, reason: AutomaticRefund): Promise<void> {
  const { tx, payment, now } = change
  if (payment.captured === 0) return
  const { refundId, record } = await reserveRefund(tx, payment, { amount: payment.captured, reason, now })
  change.refundIds.push(refundId)
  change.records.push(record)
}

/**
 * Closes the page of a second payment that the buyer has started, because the one that was given up is paid after all.
 */
async function giveUpOthers({ tx, own, payment, records, now }: Change): Promise<void> {
  for (const other of own) {
    if (other.id !== payment.id && isOpen(other)) records.push(await failPayment(tx, other, 'paid_otherwise', now))
  }
}

/** Shows the payment's new status on the booking, if this payment is the one that counts. */
async function showPaymentStatus({ tx, booking, own, payment }: Change, status: PaymentStatus): Promise<void> {
  const after = own.map(({ id, status: before }) => ({ id, status: id === payment.id ? status : before }))
  await tx.orm
    .update(bookings)
    .set({ paymentStatus: bookingPaymentStatus(after, booking.paidBy) })
    .where(eq(bookings.id, booking.id))
}

function paymentRecord<T extends Extract<BookingEventType, `payment.${string}`>>(
  { booking, payment }: Change,
  type: T,
  after: FactsOf<T>,
) {
  return partRecord(booking.id, payment.id, type, { status: payment.status }, after)
}
