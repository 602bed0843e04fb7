import fc from 'fast-check'
import { createEvent, type CreateEvent } from '@boxoffice/core/catalogue/create-event.ts'
import type { Transaction } from '@boxoffice/core/db/transaction.ts'
import type { SentWish } from '@boxoffice/core/domain/wish.ts'
import type { GivenShowtime } from '../support/catalogue.ts'

/** House of all plays: four seats in two rows, and a floor for two. */
export const HOUSE = {
  rows: 2,
  seatsPerRow: 2,
  categories: [
    { name: 'Seats', price: 1_000 },
    { name: 'Standing', price: 1_000 },
  ],
  areas: [{ label: 'Floor', category: 'Standing', capacity: 2 }],
}

type Common = Omit<CreateEvent, 'title' | 'venue' | 'timeZone' | 'endsAt' | 'ticketTypes'>

/**
 * Creates an event with a house: its seats and floor at two rates, of which children need an adult, and tickets of two
 * days, and of both, which share what there is of each day. Returns its id and those of the ticket types.
 */
export async function newConcert(tx: Transaction, common: Common, { auditoriumId, categoryIds }: GivenShowtime) {
  const type = { price: 1_000, capacity: 4 }
  return createEvent(tx, {
    ...common,
    title: 'A Concert',
    venue: 'The Hall',
    timeZone: 'UTC',
    endsAt: new Date(common.startsAt.getTime() + 3_600_000),
    status: 'published',
    auditoriumId,
    rates: [
      { code: 'adult', name: 'Adult' },
      { code: 'child', name: 'Child', needs: 'adult' },
    ],
    prices: categoryIds.map((categoryId) => ({ categoryId, price: 1_000, rates: { child: 600 } })),
    ticketTypes: ['Friday', 'Saturday', 'Both'].map((name) => ({ ...type, name })),
    quotas: ['Friday', 'Saturday'].map((name) => ({ name, capacity: 2, ticketTypes: [name, 'Both'] })),
  })
}

/** Ways of asking for places of a concert. */
export const wishArbitrary = fc.constantFrom('seats', 'child', 'area', 'best', 'tickets', 'together', 'wishes')
export type WayOfAsking = 'seats' | 'child' | 'area' | 'best' | 'tickets' | 'together' | 'wishes'

/** Returns what is asked for: as many places as there are in `places`, which choose seats and a ticket type. */
export function wishFor(
  way: WayOfAsking,
  places: readonly number[],
  { seats }: GivenShowtime,
  ticketTypeIds: readonly string[],
): SentWish & { readonly wishes?: readonly SentWish[] } {
  const quantity = places.length
  const [first = 0] = places
  const named: SentWish = {
    seats: places.map((place, index) => ({ seat: seats[place] ?? '', rate: index === 0 ? 'adult' : 'child' })),
  }
  const best: SentWish = { best: { quantity, rates: ['adult', 'child'].slice(0, quantity), together: first % 2 === 0 } }
  const area = (count: number): SentWish => ({ areas: [{ area: 'Floor', quantity: count }] })
  const tickets = (count: number): SentWish => ({
    tickets: [{ ticketTypeId: ticketTypeIds[first % ticketTypeIds.length] ?? '', quantity: count }],
  })
  switch (way) {
    case 'seats':
      return named
    case 'child':
      return { seats: [{ seat: seats[first] ?? '', rate: 'child' }] }
    case 'area':
      return area(quantity)
    case 'best':
      return best
    case 'tickets':
      return tickets(quantity)
    case 'together':
      return { ...named, ...area(1), ...tickets(1) }
    case 'wishes':
      return { wishes: [named, best, area(quantity)] }
  }
}
