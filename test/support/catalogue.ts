import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction, type Transaction } from '@boxoffice/core/db/transaction.ts'
import type { Minor } from '@boxoffice/core/domain/money/money.ts'
import { createThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import { auditoriums, movies, organizers, venues } from '@boxoffice/core/catalogue/plain-things.ts'
import { createEvent } from '@boxoffice/core/catalogue/create-event.ts'
import { createLayout } from '@boxoffice/core/catalogue/create-layout.ts'
import { createPromoCode, type CreatePromoCode } from '@boxoffice/core/catalogue/create-promo-code.ts'
import { createShowtime } from '@boxoffice/core/catalogue/create-showtime.ts'
import type { LayoutArea, LayoutRow } from '@boxoffice/core/catalogue/prepare-layout.ts'
import { TEST_LANES } from './lanes.ts'
import type { NewTicketType } from '@boxoffice/core/catalogue/ticket-types.ts'

const BY = { actor: 'test', requestId: null }
const DAY_MS = 24 * 60 * 60 * 1000

interface ResourceOptions {
  /** An existing organizer; by default a new one. */
  readonly organizerId?: string
  readonly feeBasisPoints?: number
  /** The lane; 0 by default. */
  readonly lane?: number
  readonly holdTtlMs?: number
  /** The start; in 7 days by default. */
  readonly startsAt?: Date
  /** The currency; EUR by default. */
  readonly currency?: string
  readonly id?: string
}

export interface ShowtimeOptions extends ResourceOptions {
  /** The number of rows, labelled `A`, `B`, … `Z`, `AA`, …; 5 by default. */
  readonly rows?: number
  /** The number of seats per row; 10 by default. */
  readonly seatsPerRow?: number
  /** The price of the only category, in minor units; 1000 by default. */
  readonly price?: Minor
  /**
   * Categories instead of `price`: the rows are shared out among them from front to back. A category without a price is
   * not for sale.
   */
  readonly categories?: readonly { readonly name: string; readonly price?: Minor }[]
  /** Parts of the house without seats; none by default. */
  readonly areas?: readonly LayoutArea[]
  readonly disabledSeats?: readonly string[]
  readonly accessibleSeats?: readonly string[]
  /** The status; `active` by default. */
  readonly status?: 'draft' | 'active' | 'cancelled'
  readonly maxSeatsPerBooking?: number
}

export interface GivenShowtime {
  readonly showtimeId: string
  readonly organizerId: string
  readonly movieId: string
  readonly auditoriumId: string
  readonly layoutId: string
  /** Labels of all seats but the disabled ones, row by row. */
  readonly seats: string[]
  readonly categoryIds: string[]
  readonly lane: number
}

/** Creates a showtime on sale, in an auditorium of its own. */
export async function givenShowtime(database: Database, options: ShowtimeOptions = {}): Promise<GivenShowtime> {
  const { rows: rowCount = 5, seatsPerRow = 10, disabledSeats = [], accessibleSeats = [] } = options
  const categories: NonNullable<ShowtimeOptions['categories']> = options.categories ?? [
    { name: 'Standard', price: options.price ?? 1000 },
  ]
  const disabled = new Set(disabledSeats)
  const accessible = new Set(accessibleSeats)
  const rows: LayoutRow[] = Array.from({ length: rowCount }, (_, rowIndex) => {
    const label = rowLabel(rowIndex)
    const category = categories[Math.floor((rowIndex * categories.length) / rowCount)]?.name ?? 'Standard'
    const seats = Array.from({ length: seatsPerRow }, (__, index) => {
      const seat = `${label}${index + 1}`
      return {
        number: index + 1,
        x: index,
        y: rowIndex,
        category,
        disabled: disabled.has(seat),
        accessible: accessible.has(seat),
      }
    })
    return { label, seats }
  })

  return inTransaction(database, async (tx) => {
    const organizerId = await organizerOf(tx, options)
    const venueId = await createThing(tx, venues, BY, { organizerId, name: 'Cinema', timeZone: 'Europe/Lisbon' })
    const auditoriumId = await createThing(tx, auditoriums, BY, { organizerId, venueId, name: 'One' })
    const layout = await createLayout(tx, {
      ...BY,
      organizerId,
      auditoriumId,
      categories: categories.map(({ name }) => name),
      rows,
      areas: options.areas,
    })
    const movieId = await createThing(tx, movies, BY, { organizerId, title: 'A Film', durationMinutes: 100 })
    const { showtimeId, lane } = await createShowtime(tx, {
      ...BY,
      ...resourceOf(options),
      organizerId,
      movieId,
      auditoriumId,
      status: options.status ?? 'active',
      maxSeatsPerBooking: options.maxSeatsPerBooking,
      prices: layout.categories.map(({ id, name }) => ({
        categoryId: id,
        price: categories.find((category) => category.name === name)?.price ?? null,
      })),
    })
    return {
      showtimeId,
      organizerId,
      movieId,
      auditoriumId,
      layoutId: layout.layoutId,
      seats: rows.flatMap((row) =>
        row.seats.filter((seat) => !seat.disabled).map((seat) => `${row.label}${seat.number}`),
      ),
      categoryIds: layout.categories.map(({ id }) => id),
      lane,
    }
  })
}

export interface EventOptions extends ResourceOptions {
  /** The ticket types; by default one of 100 tickets at 25.00. Missing names are made up. */
  readonly ticketTypes?: readonly (Omit<NewTicketType, 'name' | 'price'> & {
    readonly name?: string
    readonly price?: Minor
  })[]
  /** The status; `published` by default. */
  readonly status?: 'draft' | 'published' | 'cancelled'
  /** The end; 3 hours after the start by default. */
  readonly endsAt?: Date
}

export interface GivenEvent {
  readonly eventId: string
  readonly organizerId: string
  readonly ticketTypeIds: string[]
  readonly lane: number
}

/** Creates an event on sale. */
export async function givenEvent(database: Database, options: EventOptions = {}): Promise<GivenEvent> {
  const resource = resourceOf(options)
  const types = options.ticketTypes ?? [{ capacity: 100 }]
  return inTransaction(database, async (tx) => {
    const organizerId = await organizerOf(tx, options)
    const { eventId, ticketTypeIds, lane } = await createEvent(tx, {
      ...BY,
      ...resource,
      organizerId,
      title: 'An Event',
      venue: 'The Hall',
      timeZone: 'Europe/Lisbon',
      endsAt: options.endsAt ?? new Date(resource.startsAt.getTime() + DAY_MS / 8),
      status: options.status ?? 'published',
      ticketTypes: types.map((type, index) => ({ name: `Type ${index + 1}`, price: 2500, ...type })),
    })
    return { eventId, organizerId, ticketTypeIds: [...ticketTypeIds], lane }
  })
}

export type PromoCodeOptions = Pick<CreatePromoCode, 'organizerId'> & Partial<Omit<CreatePromoCode, 'actor'>>

/** Creates a promo code that is valid now; by default `SAVE20`, 20 % off everything. */
export async function givenPromoCode(
  database: Database,
  options: PromoCodeOptions,
): Promise<{ readonly promoCodeId: string; readonly code: string }> {
  const { kind = 'percent', code = 'SAVE20', ...rest } = options
  const worth = kind === 'fixed' ? { value: 1000, currency: 'EUR' } : { value: 2000 }
  const { promoCodeId } = await inTransaction(database, (tx) =>
    createPromoCode(tx, { ...BY, ...worth, ...rest, kind, code }),
  )
  return { promoCodeId, code }
}

/** Creates an organizer; its fee is 3 % by default. */
export async function givenOrganizer(
  database: Database,
  options: { readonly id?: string; readonly name?: string; readonly feeBasisPoints?: number } = {},
): Promise<{ readonly organizerId: string }> {
  return inTransaction(database, async (tx) => ({
    organizerId: await createThing(tx, organizers, BY, { name: 'An Organizer', ...options }),
  }))
}

async function organizerOf(tx: Transaction, options: ResourceOptions): Promise<string> {
  if (options.organizerId !== undefined) return options.organizerId
  return createThing(tx, organizers, BY, { name: 'An Organizer', feeBasisPoints: options.feeBasisPoints })
}

function resourceOf(options: ResourceOptions) {
  return {
    id: options.id,
    lanes: TEST_LANES,
    lane: options.lane ?? 0,
    holdTtlMs: options.holdTtlMs,
    startsAt: options.startsAt ?? new Date(Date.now() + 7 * DAY_MS),
    currency: options.currency ?? 'EUR',
  }
}

/** Returns the label of a row: `A` to `Z`, then `AA`, `AB`, … */
function rowLabel(index: number): string {
  const last = String.fromCharCode(65 + (index % 26))
  return index < 26 ? last : rowLabel(Math.floor(index / 26) - 1) + last
}
