import { setImmediate as letOthersRun } from 'node:timers/promises'
import type pg from 'pg'
import type { BookingRow } from '../bookings/queries/booking-view.ts'
import { findSeller } from '../bookings/queries/find-seller.ts'
import { readTickets, type TicketRow } from './queries/read-tickets.ts'
import { splitByLargestRemainder, timesQuantity } from '../domain/money/money.ts'
import type { TicketKeys } from '../settings/ticket-keys.ts'
import type { PrintedPlace, TicketDocument } from './ticket-pdf.ts'
import { signTicketToken } from './ticket-token.ts'
import { Problem } from '../use-case/problem.ts'

/** Returns the ticket's signed token: computed whenever it is shown, never stored. */
export function tokenOf(keys: TicketKeys, { id, resourceId, seat, area, ticketTypeId }: TicketRow): string {
  const ids = { ticketId: id, resourceId }
  if (seat !== null) return signTicketToken(keys, { ...ids, seat, ticketTypeId: null })
  if (area !== null) return signTicketToken(keys, { ...ids, seat: null, area, ticketTypeId: null })
  if (ticketTypeId === null) throw new Error(`ticket ${id} is for nothing`)
  return signTicketToken(keys, { ...ids, seat: null, ticketTypeId })
}

/** Tokens that are signed in one turn of the event loop: some 3 ms. */
const TOKENS_PER_TURN = 50

/**
 * Returns the tokens of a booking's tickets, in their order. There may be a thousand, so it yields to others in
 * between.
 */
export async function tokensOf(keys: TicketKeys, tickets: readonly TicketRow[]): Promise<string[]> {
  const tokens: string[] = []
  for (const ticket of tickets) {
    if (tokens.length > 0 && tokens.length % TOKENS_PER_TURN === 0) await letOthersRun()
    tokens.push(tokenOf(keys, ticket))
  }
  return tokens
}

/** More than this are not printed: it would take the thread's memory and minutes. A booking has fewer by today's limits. */
export const MAX_PRINTED_TICKETS = 1_000

/** Returns the content of the tickets of a booking, to be printed. Throws Problem `too_many_tickets`. */
export async function ticketDocument(pool: pg.Pool, keys: TicketKeys, booking: BookingRow): Promise<TicketDocument> {
  const [tickets, seller] = await Promise.all([readTickets(pool, booking.id), findSeller(pool, booking.organizerId)])
  if (tickets.length > MAX_PRINTED_TICKETS) {
    const detail = `The booking has ${tickets.length} tickets; at most ${MAX_PRINTED_TICKETS} are printed. Show their codes instead.`
    throw new Problem('too_many_tickets', { detail, facts: { tickets: tickets.length, limit: MAX_PRINTED_TICKETS } })
  }
  const tokens = await tokensOf(keys, tickets)
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
      token: tokens[index] ?? '',
      place: placeOf(ticket),
      price: prices[index] ?? 0,
    })),
  }
}

/** Returns the price of each ticket, without the fee, in the order of the tickets: the item's amount, spread evenly. */
function pricePerTicket({ items }: BookingRow): number[] {
  return items.flatMap(({ unitPrice, quantity, discount }) => {
    const net = timesQuantity(unitPrice, quantity) - discount
    return splitByLargestRemainder(
      net,
      Array.from({ length: quantity }, () => 1),
    )
  })
}

function placeOf({ seat, section, row, number, area, rateName, name }: TicketRow): PrintedPlace {
  if (area !== null) return { kind: 'area', name: area, category: name, rate: rateName }
  if (seat === null) return { kind: 'ticketType', name }
  return { kind: 'seat', section, row, number: number ?? seat, category: name, rate: rateName }
}
