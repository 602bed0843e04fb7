import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction, type Transaction } from '@boxoffice/core/db/transaction.ts'
import { createAuditorium } from '@boxoffice/core/services/catalogue/create-auditorium.ts'
import { createEvent } from '@boxoffice/core/services/catalogue/create-event.ts'
import { createMovie } from '@boxoffice/core/services/catalogue/create-movie.ts'
import { createOrganizer } from '@boxoffice/core/services/catalogue/create-organizer.ts'
import { createShowtime } from '@boxoffice/core/services/catalogue/create-showtime.ts'
import { createVenue } from '@boxoffice/core/services/catalogue/create-venue.ts'
import { newId } from '@boxoffice/core/services/new-id.ts'
import { type Hall, rowLabel } from './layout.ts'

const BY = { actor: 'bench' }
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000
/** Everything is in one lane: one hot resource is what is measured. */
export const LANE = 0

const resource = () => ({
  ...BY,
  lanes: 1,
  lane: LANE,
  startsAt: new Date(Date.now() + WEEK_MS),
  currency: 'EUR',
  // Nothing expires while it is being measured.
  holdTtlMs: 24 * 60 * 60 * 1_000,
})

/** One event with one ticket type that does not sell out. */
export function givenEvent(database: Database, capacity: number): Promise<{ eventId: string; ticketTypeId: string }> {
  return inTransaction(database, async (tx) => {
    const { organizerId } = await createOrganizer(tx, { ...BY, name: 'A Promoter' })
    const common = resource()
    const { eventId, ticketTypeIds } = await createEvent(tx, {
      ...common,
      organizerId,
      title: 'A Festival',
      venue: 'The Field',
      timeZone: 'Europe/Lisbon',
      endsAt: new Date(common.startsAt.getTime() + WEEK_MS),
      status: 'published',
      ticketTypes: [{ name: 'Day ticket', price: 4_900, capacity }],
    })
    return { eventId, ticketTypeId: ticketTypeIds[0] ?? '' }
  })
}

/** `count` showtimes in one hall, which they share as real ones do. */
export function givenShowtimes(database: Database, hall: Hall, count: number): Promise<string[]> {
  return inTransaction(database, async (tx) => {
    const { organizerId } = await createOrganizer(tx, { ...BY, name: 'A Cinema' })
    const { venueId } = await createVenue(tx, { ...BY, organizerId, name: 'The Arena', timeZone: 'Europe/Lisbon' })
    const { auditoriumId } = await createAuditorium(tx, { ...BY, organizerId, venueId, name: 'One' })
    const { movieId } = await createMovie(tx, { ...BY, organizerId, title: 'A Premiere', durationMinutes: 120 })
    const { layoutId, categoryId } = await insertLayout(tx, auditoriumId, hall)
    const showtimeIds: string[] = []
    for (let index = 0; index < count; index++) {
      const { showtimeId } = await createShowtime(tx, {
        ...resource(),
        organizerId,
        movieId,
        auditoriumId,
        layoutId,
        status: 'active',
        prices: [{ categoryId, price: 1_200 }],
      })
      showtimeIds.push(showtimeId)
    }
    return showtimeIds
  })
}

/** In SQL, because the product's own way stops at 20,000 seats. */
async function insertLayout(
  { client }: Transaction,
  auditoriumId: string,
  hall: Hall,
): Promise<{ layoutId: string; categoryId: string }> {
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
  return { layoutId, categoryId }
}
