import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { createPromoCode } from '@boxoffice/core/catalogue/create-promo-code.ts'
import { type Hall, seatCount, seatLabel, type SeatSale, type TicketSale } from '../../../catalogue/hall.ts'
import { createSeller, putShowtimesOnSale, putTicketTypesOnSale } from '../../../catalogue/put-on-sale.ts'
import { scaled, scaledHall } from '../pace.ts'
import { createProgramme } from '../../../catalogue/programme.ts'
import type { PrepareContext } from '../crowd-scenario.ts'

/** Its seat map has 2.3 MB. */
const HALL: Hall = { rows: 100, seatsPerRow: 200 }
/** Most ticket types that one booking request may name, and most tickets that a type may allow. */
const STUFFED_TYPES = 20
const PER_BOOKING = 1_000
const PLENTY = 1_000_000_000
/** Makes an organizer's audit as long as that of a house that has been selling for some time. */
const AUDIT_ROWS = 50_000
const LANES = { stuffed: 0, event: 1, showtimes: 2 }

/** Everything that is on sale, and who sells it. */
export interface HostileCatalogue {
  /** Events that nobody attacks, one in each lane: some share a lane with what is attacked. */
  readonly others: readonly TicketSale[]
  /** One event: strangers take its free tickets, honest buyers pay. */
  readonly free: TicketSale
  readonly paid: TicketSale
  /** Two of the same hall: one for honest buyers alone, and one that is attacked while others buy. */
  readonly quietShowtime: SeatSale
  readonly attackedShowtime: SeatSale
  /** A seat of the attacked showtime that nobody else wants, so that it is sold once and asked for ever after. */
  readonly soldSeat: string
  /** The hostile organizer and its event. */
  readonly stuffed: {
    readonly organizerId: string
    readonly eventId: string
    readonly ticketTypeIds: readonly string[]
  }
  readonly resourceIds: readonly string[]
}

/** Puts on sale what honest buyers want and what is attacked. */
export async function prepareHostile({ database, lanes, size }: PrepareContext): Promise<HostileCatalogue> {
  const hall = scaledHall(HALL, size.scale)
  const programme = await createProgramme(database, {
    lanes,
    events: lanes,
    capacity: PLENTY,
  })
  const victim = await createSeller(database, 'A House under Attack')
  const attacked = await putTicketTypesOnSale(
    database,
    { organizerId: victim, lane: LANES.event % lanes },
    {
      title: 'The Open Evening',
      ticketTypes: [
        { name: 'Free entry', price: 0, capacity: PLENTY },
        { name: 'Table', price: 4_900, capacity: PLENTY },
      ],
    },
  )
  await inTransaction(database, (tx) =>
    createPromoCode(tx, {
      actor: 'load',
      requestId: null,
      organizerId: victim,
      code: 'EARLYBIRD',
      kind: 'percent',
      value: 2_000,
    }),
  )
  const lane = LANES.showtimes % lanes
  const [quiet = '', hot = ''] = await putShowtimesOnSale(database, hall, victim, [{ lane }, { lane }])
  const stuffed = await putStuffedOnSale(database, LANES.stuffed % lanes)
  await fillAudit(database, stuffed.organizerId, scaled(AUDIT_ROWS, size.scale))
  const [free = '', paid = ''] = attacked.ticketTypeIds
  const { eventId } = attacked
  return {
    others: programme.tickets,
    free: { eventId, ticketTypeId: free },
    paid: { eventId, ticketTypeId: paid },
    quietShowtime: { showtimeId: quiet, hall },
    attackedShowtime: { showtimeId: hot, hall },
    soldSeat: seatLabel(hall, seatCount(hall) - 1),
    stuffed,
    resourceIds: [...programme.resourceIds, eventId, quiet, hot, stuffed.eventId],
  }
}

async function putStuffedOnSale(database: Database, lane: number): Promise<HostileCatalogue['stuffed']> {
  const organizerId = await createSeller(database, 'A Hostile Organizer')
  const ticketTypes = Array.from({ length: STUFFED_TYPES }, (_, index) => ({
    name: `Type ${index + 1}`,
    price: 0,
    capacity: PLENTY,
    maxPerBooking: PER_BOOKING,
  }))
  const event = await putTicketTypesOnSale(
    database,
    { organizerId, lane },
    { title: 'The Stuffed Evening', ticketTypes },
  )
  return { organizerId, eventId: event.eventId, ticketTypeIds: event.ticketTypeIds }
}

/** Writes audit rows of the last days, as if the organizer had changed its venue that often. */
async function fillAudit({ pool }: Database, organizerId: string, rows: number): Promise<void> {
  await pool.query(
    `insert into audit (id, at, organizer_id, actor, action, entity, entity_id, before, after)
     select gen_random_uuid(), clock_timestamp() - make_interval(secs => i), $1, 'load', 'venue.updated', 'venue',
       gen_random_uuid(), '{"name": "Before"}', '{"name": "After"}'
     from generate_series(1, $2::int) as i`,
    [organizerId, rows],
  )
}
