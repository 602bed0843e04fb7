import type { Transaction } from '../db/transaction.ts'
import { DEMO_ORGANIZER_ID } from './demo-organizer.ts'
import { DEMO_PROMO_CODE } from './festival.ts'

/** Things to make a first booking with. */
export interface DemoCatalogue {
  readonly organizerId: string
  /** Active, and starting in at least two hours. */
  readonly showtimeId: string
  /** Two good seats beside each other that were free when this was read. */
  readonly seatLabels: readonly [string, string]
  /** Published, and not started. */
  readonly eventId: string
  /** Ticket type that is on sale now and not free. */
  readonly ticketTypeId: string
  /** Valid for both. */
  readonly promoCode: string
}

const LEAD_MS = 2 * 60 * 60 * 1000
/** Distance above which an aisle lies between two seats. */
const WIDER_THAN_A_SEAT = 1.5

/**
 * Returns the things to make a first booking with.
 *
 * @throws Error if the demo has no showtime or event ahead.
 */
export async function readDemoCatalogue(tx: Transaction, now: Date): Promise<DemoCatalogue> {
  const { showtimeId, first, second } = await findSeats(tx, new Date(now.getTime() + LEAD_MS))
  const { eventId, ticketTypeId } = await findTicketType(tx, now)
  return {
    organizerId: DEMO_ORGANIZER_ID,
    showtimeId,
    seatLabels: [first, second],
    eventId,
    ticketTypeId,
    promoCode: DEMO_PROMO_CODE,
  }
}

interface Seat {
  readonly label: string
  readonly section: string | null
  readonly rowLabel: string
  /** `null` where the seat's name is none. */
  readonly number: number | null
  readonly x: number
  readonly price: number
  /** Neither disabled, nor kept for those who need an accessible one, nor taken. */
  readonly free: boolean
}

/**
 * Returns the best pair of the first showtime that has one, of the next 20: that is enough unless a load test took them
 * all, and then the first is returned with taken seats.
 */
async function findSeats(tx: Transaction, from: Date): Promise<{ showtimeId: string; first: string; second: string }> {
  const { rows: upcoming } = await tx.client.query<{ id: string }>(
    `select showtimes.id from showtimes join resources on resources.id = showtimes.id
     where organizer_id = $1 and status = 'active' and starts_at >= $2
     order by starts_at, showtimes.id
     limit 20`,
    [DEMO_ORGANIZER_ID, from],
  )
  let taken: { showtimeId: string; first: string; second: string } | undefined
  for (const { id } of upcoming) {
    const seats = await readSeats(tx, id)
    const pair = bestPair(seats)
    if (pair !== null) return { showtimeId: id, ...pair }
    const anyPair = bestPair(seats.map((seat) => ({ ...seat, free: true })))
    if (taken === undefined && anyPair !== null) taken = { showtimeId: id, ...anyPair }
  }
  if (taken === undefined) throw new Error('the demo has no showtime ahead')
  return taken
}

async function readSeats(tx: Transaction, showtimeId: string): Promise<Seat[]> {
  const { rows } = await tx.client.query<Seat>(
    `select label, section, row_label as "rowLabel", number, x, price,
            not disabled and not accessible and taken.seat_label is null as free
     from showtimes
     join seats using (layout_id)
     join showtime_prices on showtime_id = showtimes.id and showtime_prices.category_id = seats.category_id
     left join seat_allocations as taken on taken.showtime_id = showtimes.id and taken.seat_label = label
     where showtimes.id = $1
     order by position`,
    [showtimeId],
  )
  return rows
}

/** Returns the dearest pair, then the nearest to the middle of the house, then the furthest back. */
function bestPair(seats: readonly Seat[]): { first: string; second: string } | null {
  const xs = seats.map((seat) => seat.x)
  const middle = (Math.min(...xs) + Math.max(...xs)) / 2
  let best: { first: string; second: string; price: number; away: number } | null = null
  for (const [index, left] of seats.entries()) {
    const right = seats[index + 1]
    if (right === undefined || !left.free || !right.free || left.price !== right.price) continue
    const sideBySide =
      right.section === left.section &&
      right.rowLabel === left.rowLabel &&
      left.number !== null &&
      right.number === left.number + 1 &&
      right.x - left.x < WIDER_THAN_A_SEAT
    if (!sideBySide) continue
    const away = Math.abs((left.x + right.x) / 2 - middle)
    if (best === null || left.price > best.price || (left.price === best.price && away <= best.away)) {
      best = { first: left.label, second: right.label, price: left.price, away }
    }
  }
  return best === null ? null : { first: best.first, second: best.second }
}

/** Returns the cheapest ticket type that is not free, of the latest edition; a sold-out one only if all are. */
async function findTicketType(tx: Transaction, now: Date): Promise<{ eventId: string; ticketTypeId: string }> {
  const { rows } = await tx.client.query<{ eventId: string; ticketTypeId: string }>(
    `select events.id as "eventId", ticket_types.id as "ticketTypeId"
     from events
     join resources on resources.id = events.id
     join ticket_types on ticket_types.event_id = events.id
     join ticket_type_state on ticket_type_id = ticket_types.id
     where organizer_id = $1 and events.status = 'published' and events.starts_at > $2
       and active and price > 0 and coalesce(sale_starts_at <= $2, true) and coalesce(sale_ends_at > $2, true)
       and max_per_customer is null
     order by events.starts_at desc, sold >= capacity, price, ticket_types.id
     limit 1`,
    [DEMO_ORGANIZER_ID, now],
  )
  const [found] = rows
  if (found === undefined) throw new Error('the demo has no ticket type on sale')
  return found
}
