import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { bookingMaker, type FloorBooking, type Place } from '../../baselines/floor-bookings.ts'
import { openBaselinePool } from '../../baselines/open-pool.ts'
import { writeFloor } from '../../baselines/write-floor.ts'
import { seatsInTurn } from '../../generator/best-seats.ts'
import type { Journey } from '../../generator/plan.ts'
import { beginCosts } from '../../measure/process-costs.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { microsOf } from './floor-cost.ts'
import { hotClients, type Kind, PER_BOOKING } from './hot.ts'

/** Part of the usual warm-up: there is no code to be compiled, and tables are not to be larger than those of (c). */
const WARM_UP_SHARE = 0.2

const logger = createLogger('postgres-floor', 'error')

export interface PostgresFloor {
  readonly bookingsPerSecond: number
  /** Processor time of PostgreSQL for each booking. */
  readonly micros: number
  readonly verified: VerifiedRun
}

/** Measures what PostgreSQL needs for the rows of such bookings, written on one connection in batches of this size. */
export function runPostgresFloor(
  context: BenchContext,
  kind: Kind,
  round: number,
  batchSize: number,
): Promise<PostgresFloor> {
  const name = `floor_postgres_${kind}_${round}`
  return onFreshDatabase(context, name, async ({ database, options }) => {
    const { journey } = await hotClients(context, database, kind)
    const nextPlace = await placesOf(database, journey)
    const make = bookingMaker(PER_BOOKING, context.clients)
    const nextBatch = () => Array.from({ length: batchSize }, () => make(nextPlace()))
    const one = openBaselinePool({ DATABASE_URL: options.databaseUrl }, 1, logger)
    try {
      const warmedUp = await writeFor(one, context.warmUpMs * WARM_UP_SHARE, nextBatch)
      const endCosts = beginCosts(context.embedded.servers.watched)
      const { bookings, ms } = await writeFor(one, context.durationMs, nextBatch)
      const processes = endCosts()
      const bookingsPerSecond = Math.round((bookings * 1_000) / ms)
      context.say(
        `${kind}, round ${round}, PostgreSQL floor: ${bookingsPerSecond} bookings/s, ${batchSize} in each batch`,
      )
      const expected = { database, bookings: warmedUp.bookings + bookings, settleWithinMs: null }
      return {
        bookingsPerSecond,
        micros: microsOf({ durationMs: ms }, processes, 'postgres', bookings),
        verified: { run: name, ...(await verifyRun(expected)) },
      }
    } finally {
      await one.close()
    }
  })
}

/** Writes batch after batch for this long; the last one is written to its end. */
async function writeFor(
  database: Database,
  forMs: number,
  nextBatch: () => readonly FloorBooking[],
): Promise<{ readonly bookings: number; readonly ms: number }> {
  const startMs = performance.now()
  let bookings = 0
  for (;;) {
    const ms = performance.now() - startMs
    if (ms >= forMs) return { bookings, ms }
    const batch = nextBatch()
    await inTransaction(database, (tx) => writeFloor(tx, batch))
    bookings += batch.length
  }
}

/** Returns a function that hands out places of what the journey books, each once. */
async function placesOf(database: Database, journey: Journey): Promise<() => Place> {
  if (journey.kind === 'book-tickets') {
    const [sale] = journey.sales
    if (sale === undefined) throw new Error('there is no event')
    const { eventId, ticketTypeId } = sale
    const { rows } = await database.pool.query<{ organizerId: string; price: number }>(
      `select r.organizer_id as "organizerId", t.price from resources r join ticket_types t on t.event_id = r.id
       where t.id = $1`,
      [ticketTypeId],
    )
    const [terms] = rows
    if (terms === undefined) throw new Error('the event is not on sale')
    return () => ({ ...terms, resourceId: eventId, categoryId: null, ticketTypeId, seats: [] })
  }
  if (journey.kind !== 'book-seats') throw new Error('only bookings have a floor')
  const next = seatsInTurn(journey.sales, PER_BOOKING)
  // The showtimes share a hall and its price.
  const { rows } = await database.pool.query<{ organizerId: string; categoryId: string; price: number }>(
    `select r.organizer_id as "organizerId", p.category_id as "categoryId", p.price
     from resources r join showtime_prices p on p.showtime_id = r.id limit 1`,
  )
  const [terms] = rows
  if (terms === undefined) throw new Error('the showtime is not on sale')
  return () => {
    const chosen = next()
    if (chosen === null) throw new Error('there are no seats left')
    return { ...terms, resourceId: chosen.sale.showtimeId, ticketTypeId: null, seats: chosen.seats }
  }
}
