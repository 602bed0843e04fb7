import { formatMoney, type Minor } from '../domain/money/money.ts'
import { eventSpan } from '../tickets/event-time.ts'
import type { AmountRow, Block, Fact, Footer } from './letter.ts'
import type { MailedBooking, MailedItem } from './mailed-booking.ts'
import { couldBeLink } from './plain-words.ts'
import { seatRuns } from './seat-runs.ts'

const list = new Intl.ListFormat('en', { type: 'conjunction' })

/** Returns what is booked, where and when, as the clocks at the venue show it. */
export function occasionFacts(booking: MailedBooking): Block {
  const facts: Fact[] = [
    { name: 'What', value: booking.title },
    { name: 'When', value: eventSpan(booking.startsAt, booking.endsAt, booking.timeZone) },
    { name: 'Where', value: booking.venue, ...(booking.address !== '' && { more: booking.address }) },
    ...(booking.auditorium === null ? [] : [{ name: 'Auditorium', value: booking.auditorium }]),
    ...placeFacts(booking.items),
    { name: 'Reference', value: booking.reference },
  ]
  return { kind: 'facts', facts }
}

/** Returns the booked seats, the places of areas, and the booked tickets. */
export function placeFacts(items: readonly MailedItem[]): Fact[] {
  const seats = items.flatMap((item) => item.seats)
  const areas = items.filter(({ area }) => area !== null)
  const tickets = items.filter((item) => item.seats.length === 0 && item.area === null)
  const counted = (of: readonly MailedItem[], nameOf: (item: MailedItem) => string) =>
    list.format(of.map((item) => `${item.quantity} × ${nameOf(item)}`))
  return [
    ...(seats.length === 0
      ? []
      : [{ name: seats.length === 1 ? 'Seat' : 'Seats', value: list.format(seatRuns(seats)) }]),
    ...(areas.length === 0
      ? []
      : [{ name: 'Places', value: counted(areas, ({ area, rate }) => withRate(area ?? '', rate)) }]),
    ...(tickets.length === 0 ? [] : [{ name: 'Tickets', value: counted(tickets, ({ name }) => name) }]),
  ]
}

const withRate = (name: string, rate: string | null) => (rate === null ? name : `${name}, ${rate}`)

/** Returns the prices, item by item. */
export function priceTable({ currency, items, promoCode, discount, fee, total }: MailedBooking): Block {
  const money = (amount: Minor) => formatMoney(amount, currency)
  const rows: AmountRow[] = items.map(({ name, seats, area, rate, quantity, unitPrice }) => ({
    what: `${quantity} × ${withRate(name, rate)}`,
    more: [
      ...(area === null ? [] : [area]),
      ...(seats.length > 0 ? [seatRuns(seats).join(', ')] : []),
      ...(quantity > 1 ? [`${money(unitPrice)} each`] : []),
    ].join(' · '),
    amount: money(unitPrice * quantity),
  }))
  if (discount > 0) {
    rows.push({ what: promoCode === null ? 'Discount' : `Discount (${promoCode})`, amount: money(-discount) })
  }
  if (fee > 0) rows.push({ what: 'Booking fee', amount: money(fee) })
  rows.push({ what: 'Total', amount: money(total), isTotal: true })
  return { kind: 'amounts', rows: rows.map(({ more, ...row }) => (more ? { ...row, more } : row)) }
}

/**
 * Returns the greeting of a letter. Whoever books writes the name, and may have our mail sent to anybody: a name that
 * could be a link is not repeated.
 */
export function greetingOf({ buyer }: Pick<MailedBooking, 'buyer'>): string {
  return couldBeLink(buyer) || buyer.includes(':') ? 'Hello,' : `Hello ${buyer},`
}

/** Returns the reason for the mail, below everything, and the contact. */
export function footerOf({ organizer, contact, reference }: MailedBooking): Footer {
  const seller = organizer === '' ? '' : ` with ${organizer}`
  const reason = `You received this mail because of booking ${reference}${seller}. It was sent automatically`
  return contact === null
    ? { text: `${reason}; nobody reads replies to it.`, contact }
    : { text: `${reason}.`, contact }
}
