import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Hall } from './layout.ts'
import { createSeller, type EventOnSale, putEventOnSale, putShowtimesOnSale } from './stage.ts'

/** Everything is in one lane: one hot resource is what is measured. Nothing expires while it is. */
export const LANE = 0

/** One event with one ticket type that does not sell out. */
export async function givenEvent(database: Database, capacity: number): Promise<EventOnSale> {
  const organizerId = await createSeller(database, 'A Promoter')
  return putEventOnSale(database, { organizerId, lane: LANE }, { title: 'A Festival', capacity })
}

/** `count` showtimes in one hall, which they share as real ones do. */
export async function givenShowtimes(database: Database, hall: Hall, count: number): Promise<string[]> {
  const organizerId = await createSeller(database, 'A Cinema')
  return putShowtimesOnSale(
    database,
    hall,
    organizerId,
    Array.from({ length: count }, () => ({ lane: LANE })),
  )
}
