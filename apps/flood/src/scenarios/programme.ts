import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Hall } from '@boxoffice/load-rig/layout.ts'
import { createSeller, putEventOnSale, putShowtimesOnSale } from '@boxoffice/load-rig/stage.ts'
import type { SeatSale, TicketSale } from '../generator/plan.ts'

/** Many things on sale at once. */
export interface Programme {
  readonly organizerId: string
  readonly tickets: readonly TicketSale[]
  readonly seats: readonly SeatSale[]
  readonly resourceIds: readonly string[]
}

export interface ProgrammeOptions {
  /** They take turns with the lanes, so that each has its share. */
  readonly lanes: number
  readonly events: number
  /** Tickets of each event. */
  readonly capacity: number
  readonly showtimes: number
  readonly hall: Hall
  readonly holdTtlMs?: number
  readonly startsAt?: Date
}

export async function stageProgramme(database: Database, options: ProgrammeOptions): Promise<Programme> {
  const { lanes, events, capacity, showtimes, hall, holdTtlMs, startsAt } = options
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
  const showtimeIds =
    showtimes === 0
      ? []
      : await putShowtimesOnSale(
          database,
          hall,
          organizerId,
          // Shifted, so that the most wanted event and the most wanted showtime are in different lanes.
          Array.from({ length: showtimes }, (_, index) => terms(index + 1)),
        )
  return {
    organizerId,
    tickets,
    seats: showtimeIds.map((showtimeId) => ({ showtimeId, hall })),
    resourceIds: [...tickets.map(({ eventId }) => eventId), ...showtimeIds],
  }
}
