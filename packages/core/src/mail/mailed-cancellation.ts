import type { BookingRow } from '../bookings/queries/booking-view.ts'
import type { MailedCancellation } from './mailed-booking.ts'
import { MANUAL } from '../payments/manual.ts'

/**
 * Returns the cancellation of a booking as it is now. A refund that was promised by the transaction that cancelled it
 * has its time; those before it are another act.
 *
 * @param calledOff why the showtime or event was cancelled, if it was before the booking.
 */
export function mailedCancellation(row: BookingRow, calledOff: string | null): MailedCancellation {
  // A payment of the wrong amount or currency is no payment for this booking, and goes back by itself.
  const standing = row.payments.filter(({ currency, status }) => currency === row.currency && status !== 'failed')
  const manual = new Set(standing.flatMap(({ id, provider }) => (provider === MANUAL ? [id] : [])))
  const ids = new Set(standing.map(({ id }) => id))
  const refunds = row.refunds.filter(({ paymentId }) => ids.has(paymentId))
  const cancelledAt = row.cancelledAt?.getTime() ?? 0
  const isEarlier = ({ createdAt }: { readonly createdAt: string }) => new Date(createdAt).getTime() < cancelledAt
  const since = refunds.filter((refund) => !isEarlier(refund))
  const going = since.filter(({ status }) => status !== 'failed')
  return {
    reason: row.cancelReason,
    calledOff: row.cancelReason === 'organizer' ? calledOff : null,
    paid: sum(standing.map(({ captured }) => captured)),
    fee: row.fee,
    returnedBefore: sum(refunds.filter((refund) => isEarlier(refund) && refund.status !== 'failed').map(amountOf)),
    returned: sum(going.map(amountOf)),
    // One that was made again, and then went through, counts no more.
    refundFailed: going.length === 0 && since.length > 0,
    byHand: going.some(({ paymentId }) => manual.has(paymentId)),
  }
}

const amountOf = ({ amount }: { readonly amount: number }) => amount
const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
