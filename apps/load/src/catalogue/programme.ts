import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Hall, SeatSale, TicketSale } from './hall.ts'
import { createSeller, putEventOnSale, putShowtimesOnSale } from './put-on-sale.ts'

/** Many things on sale at once. */
export interface Programme {
  readonly organizerId: string
  readonly tickets: readonly TicketSale[]
  readonly seats: readonly SeatSale[]
  readonly resourceIds: readonly string[]
}

export interface ProgrammeOptions {
  /** Their jobs take turns with so many lanes, so that each has its share. */
  readonly lanes: number
  readonly events: number
  /** Tickets of each event. */
  readonly capacity: number
  /** None unless given. */
  readonly showtimes?: { readonly count: number; readonly hall: Hall }
  readonly holdTtlMs?: number
  readonly startsAt?: Date
}

export async function createProgramme(database: Database, options: ProgrammeOptions): Promise<Programme> {
  const { lanes, events, capacity, showtimes, holdTtlMs, startsAt } = options
  const organizerId = await createSeller(database, 'A Promoter')
  const terms = (index: number) => ({
    lane: index % lanes,
    ...(holdTtlMs !== undefined && { holdTtlMs }),
    ...(startsAt !== undefined && { startsAt }),
  })
  const tickets: TicketSale[] = []
  for (let index = 0; index < events; index++) {
    const event = { title: `Evening ${index + 1}`, capacity }
    tickets.push(await putEventOnSale(database, { ...terms(index), organizerId }, event))
  }
  const seats: SeatSale[] = []
  if (showtimes !== undefined) {
    const { count, hall } = showtimes
    // Shifted, so that the most wanted event and the most wanted showtime are in different lanes.
    const each = Array.from({ length: count }, (_, index) => terms(index + 1))
    const showtimeIds = await putShowtimesOnSale(database, hall, organizerId, each)
    seats.push(...showtimeIds.map((showtimeId) => ({ showtimeId, hall })))
  }
  return {
    organizerId,
    tickets,
    seats,
    resourceIds: [...tickets.map(({ eventId }) => eventId), ...seats.map(({ showtimeId }) => showtimeId)],
  }
}
