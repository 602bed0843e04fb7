import type pg from 'pg'
import type { BookingRow } from '../../db/queries/booking-view.ts'
import { findSeller } from '../../db/queries/find-seller.ts'
import { readTickets, type TicketRow } from '../../db/queries/read-tickets.ts'
import { splitByLargestRemainder, timesQuantity } from '../../domain/money.ts'
import type { TicketKeys } from '../../tickets/ticket-keys.ts'
import type { PrintedPlace, TicketDocument } from '../../tickets/ticket-pdf.ts'
import { signTicketToken } from '../../tickets/ticket-token.ts'

/** The ticket's signed token: computed whenever it is shown, never stored. */
export function tokenOf(keys: TicketKeys, { id, resourceId, seat, ticketTypeId }: TicketRow): string {
  if (seat !== null) return signTicketToken(keys, { ticketId: id, resourceId, seat, ticketTypeId: null })
  if (ticketTypeId === null) throw new Error(`ticket ${id} is for nothing`)
  return signTicketToken(keys, { ticketId: id, resourceId, seat: null, ticketTypeId })
}

/** What is printed on the tickets of a booking. */
export async function ticketDocument(pool: pg.Pool, keys: TicketKeys, booking: BookingRow): Promise<TicketDocument> {
  const [tickets, seller] = await Promise.all([readTickets(pool, booking.id), findSeller(pool, booking.organizerId)])
  const prices = pricePerTicket(booking)
  const { title, venue, address, auditorium, timeZone, startsAt, endsAt } = booking.occasion
  return {
    title,
    venue,
    address,
    auditorium,
    timeZone,
    startsAt: new Date(startsAt),
    endsAt: new Date(endsAt),
    reference: booking.reference,
    buyer: booking.customerName,
    organizer: seller.name,
    contact: seller.contact,
    bookedAt: booking.createdAt,
    currency: booking.currency,
    tickets: tickets.map((ticket, index) => ({
      token: tokenOf(keys, ticket),
      place: placeOf(ticket),
      price: prices[index] ?? 0,
    })),
  }
}

/** What was paid for each ticket, without the fee, in the order of the tickets: the line's amount, spread evenly. */
function pricePerTicket({ lines }: BookingRow): number[] {
  return lines.flatMap(({ unitPrice, quantity, discount }) => {
    const net = timesQuantity(unitPrice, quantity) - discount
    return splitByLargestRemainder(
      net,
      Array.from({ length: quantity }, () => 1),
    )
  })
}

function placeOf({ seat, rowLabel, seatNumber, name }: TicketRow): PrintedPlace {
  if (seat === null) return { kind: 'ticketType', name }
  return { kind: 'seat', row: rowLabel ?? seat, number: seatNumber ?? 0, category: name }
}
