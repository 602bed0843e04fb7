import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction, type Transaction } from '@boxoffice/core/db/transaction.ts'
import { createThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import { auditoriums, movies, organizers, venues } from '@boxoffice/core/catalogue/plain-things.ts'
import { createEvent, type CreatedEvent } from '@boxoffice/core/catalogue/create-event.ts'
import { createShowtime } from '@boxoffice/core/catalogue/create-showtime.ts'
import type { NewTicketType } from '@boxoffice/core/catalogue/ticket-types.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { LANES } from '../target/processes.ts'
import { type Hall, rowLabel, type TicketSale } from './hall.ts'

const BY = { actor: 'load', requestId: null }
const CURRENCY = 'EUR'
const TIME_ZONE = 'Europe/Lisbon'
const DAY_MS = 24 * 60 * 60 * 1_000

/** The lane of what a benchmark sells, so that each run is the same whatever ids were drawn. */
const LANE = 0

/** The terms of a sale. */
export interface SaleTerms {
  readonly organizerId: string
  /** Lane of its jobs: an id of it is drawn. Any unless given. */
  readonly lane?: number
  /** The time for which an unpaid booking keeps its places; a day, the longest there is, unless given. */
  readonly holdTtlMs?: number
  /** Time of its start: in a week unless given. */
  readonly startsAt?: Date
}

/** Creates somebody who sells, for the usual fee. Returns the id. */
export async function createSeller(database: Database, name: string): Promise<string> {
  return await inTransaction(database, (tx) => createThing(tx, organizers, BY, { name }))
}

/** Puts an event on sale with one ticket type of `capacity` tickets, without a limit per customer. */
export async function putEventOnSale(
  database: Database,
  terms: SaleTerms,
  { title, capacity }: { readonly title: string; readonly capacity: number },
): Promise<TicketSale> {
  const ticketTypes = [{ name: 'Day ticket', price: 4_900, capacity }]
  const { eventId, ticketTypeIds } = await putTicketTypesOnSale(database, terms, { title, ticketTypes })
  const [ticketTypeId] = ticketTypeIds
  if (ticketTypeId === undefined) throw new Error('an event without its ticket type')
  return { eventId, ticketTypeId }
}

/** Puts an event on sale with these ticket types. Returns their ids in that order. */
export function putTicketTypesOnSale(
  database: Database,
  terms: SaleTerms,
  { title, ticketTypes }: { readonly title: string; readonly ticketTypes: readonly NewTicketType[] },
): Promise<CreatedEvent> {
  return inTransaction(database, (tx) => {
    const common = termsOf(terms)
    return createEvent(tx, {
      ...common,
      title,
      venue: 'The Field',
      timeZone: TIME_ZONE,
      endsAt: new Date(common.startsAt.getTime() + DAY_MS),
      status: 'published',
      ticketTypes,
    })
  })
}

/** Showtimes in one hall, which they share as real ones do, one for each of the terms. Returns their ids, in that order. */
export function putShowtimesOnSale(
  database: Database,
  hall: Hall,
  organizerId: string,
  terms: readonly Omit<SaleTerms, 'organizerId'>[],
): Promise<string[]> {
  return inTransaction(database, async (tx) => {
    const venueId = await createThing(tx, venues, BY, { organizerId, name: 'The Arena', timeZone: TIME_ZONE })
    const auditoriumId = await createThing(tx, auditoriums, BY, { organizerId, venueId, name: 'One' })
    const movieId = await createThing(tx, movies, BY, { organizerId, title: 'A Premiere', durationMinutes: 120 })
    const categoryId = await insertLayout(tx, auditoriumId, hall)
    const showtimeIds: string[] = []
    for (const each of terms) {
      const { showtimeId } = await createShowtime(tx, {
        ...termsOf({ ...each, organizerId }),
        movieId,
        auditoriumId,
        status: 'active',
        prices: [{ categoryId, price: 1_200 }],
      })
      showtimeIds.push(showtimeId)
    }
    return showtimeIds
  })
}

const termsOf = ({
  organizerId,
  lane,
  holdTtlMs = DAY_MS,
  startsAt = new Date(Date.now() + 7 * DAY_MS),
}: SaleTerms) => ({
  ...BY,
  organizerId,
  lanes: LANES,
  lane,
  holdTtlMs,
  startsAt,
  currency: CURRENCY,
})

/** Inserts a layout in one statement, however large the hall is. */
async function insertLayout({ client }: Transaction, auditoriumId: string, hall: Hall): Promise<string> {
  const [layoutId, categoryId] = [newId(), newId()]
  await client.query('insert into layouts (id, auditorium_id, version) values ($1, $2, 1)', [layoutId, auditoriumId])
  await client.query(`insert into seat_categories (id, layout_id, name, position) values ($1, $2, 'Standard', 0)`, [
    categoryId,
    layoutId,
  ])
  const rows = Array.from({ length: hall.rows }, (_, index) => rowLabel(index))
  await client.query(
    `insert into seats (layout_id, label, row_label, number, position, x, y, category_id)
     select $1, r.label || n, r.label, n, (r.ordinal - 1) * $4 + n, n, r.ordinal, $2
     from unnest($3::text[]) with ordinality as r(label, ordinal), generate_series(1, $4::int) as n`,
    [layoutId, categoryId, rows, hall.seatsPerRow],
  )
  return categoryId
}

/** Puts one event with one ticket type on sale. */
export async function givenEvent(database: Database, capacity: number): Promise<TicketSale> {
  const organizerId = await createSeller(database, 'A Promoter')
  return putEventOnSale(database, { organizerId, lane: LANE }, { title: 'A Festival', capacity })
}

/** Puts `count` showtimes in one hall on sale, which they share as real ones do. */
export async function givenShowtimes(database: Database, hall: Hall, count: number): Promise<string[]> {
  const organizerId = await createSeller(database, 'A Cinema')
  return putShowtimesOnSale(
    database,
    hall,
    organizerId,
    Array.from({ length: count }, () => ({ lane: LANE })),
  )
}
