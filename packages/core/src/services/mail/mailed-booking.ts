import type { BookingRow, LineView } from '../../db/queries/booking-view.ts'
import type { MailedBooking, MailedLine } from '../../mail/mailed-booking.ts'

/** What mail says about a booking as it is now. */
export function mailedBooking(row: BookingRow, organizer: string): MailedBooking {
  const { title, venue, address, auditorium, timeZone, startsAt } = row.occasion
  // A payment of the wrong amount or currency is no payment for this booking, and goes back by itself.
  const standing = row.payments.filter(({ currency, status }) => currency === row.currency && status !== 'failed')
  const ids = new Set(standing.map(({ id }) => id))
  const refunds = row.refunds.filter(({ paymentId }) => ids.has(paymentId))
  const returned = refunds.filter(({ status }) => status !== 'failed')
  return {
    reference: row.reference,
    status: row.status,
    buyer: row.customerName,
    organizer,
    title,
    venue,
    address,
    auditorium,
    startsAt: new Date(startsAt),
    timeZone,
    currency: row.currency,
    lines: groupLines(row.lines),
    discount: row.discount,
    fee: row.fee,
    total: row.total,
    paid: sum(standing.map(({ captured }) => captured)),
    returned: sum(returned.map(({ amount }) => amount)),
    // One that was made again, and then went through, counts no more.
    refundFailed: refunds.some(({ status }) => status === 'failed') && returned.length === 0,
    cancelReason: row.cancelReason,
  }
}

/** Seats are lines of their own: those of one category at one price are told together. */
function groupLines(lines: readonly LineView[]): MailedLine[] {
  const groups = new Map<string, MailedLine>()
  for (const { name, seat, categoryId, ticketTypeId, quantity, unitPrice } of lines) {
    const key = `${categoryId ?? ticketTypeId ?? ''} ${unitPrice}`
    const group = groups.get(key)
    groups.set(key, {
      name,
      seats: [...(group?.seats ?? []), ...(seat === null ? [] : [seat])],
      quantity: (group?.quantity ?? 0) + quantity,
      unitPrice,
    })
  }
  return [...groups.values()]
}

const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
