import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from '../../db/connect.ts'
import { drizzle } from '../../db/drizzle.ts'
import { inTransaction, type Transaction } from '../../db/transaction.ts'
import { readSnapshot } from '../../inventory/queries/read-snapshot.ts'
import { Seatings } from '../../inventory/seatings.ts'
import { newId } from '../../runtime/new-id.ts'
import { BatchSizes } from '../deciding/batch-sizes.ts'
import { type DecideDependencies, decideNextBatch } from '../deciding/decide-lines.ts'
import { lockLines } from '../queries/lock-lines.ts'
import { readUndecided } from '../queries/read-undecided.ts'
import { writeDecisions } from '../queries/write-decisions.ts'
import { answering, MADE_UP } from './made-up-answers.ts'

/** Requests of each line in a made-up batch. */
const BATCH = 40

const SEATS = 500

/** Decides made-up requests for so long, with the code that decides real ones, so that it is compiled. Touches no database. */
export async function warmDeciding(
  deps: Pick<DecideDependencies, 'logger' | 'drawReference'>,
  forMs: number,
): Promise<void> {
  const endsAt = performance.now() + forMs
  const made = { ...deps, database: madeUpDatabase(), sizes: new BatchSizes(), seatings: new Seatings() }
  while (performance.now() < endsAt) {
    await decideNextBatch(made, [MADE_UP.eventId, MADE_UP.showtimeId], 'ifFree')
    await turn()
  }
}

/** Opens connections and has each plan the statements of a batch. What it writes is nothing, and it is rolled back. */
export async function warmDecidingPool(database: Database, connections: number): Promise<void> {
  class Rollback extends Error {}
  const plan = async (tx: Transaction) => {
    await lockLines(tx, [], 'ifFree')
    await readUndecided(tx, [])
    await readSnapshot(tx.client, [])
    await writeDecisions(tx, [], new Date().toISOString(), {
      outcomes: [],
      items: [],
      sold: [],
      soldInAreas: [],
      redeemed: [],
      soldToCustomers: [],
      redeemedByCustomers: [],
      changedResources: [],
    })
    throw new Rollback('nothing was to be written')
  }
  await Promise.all(
    Array.from({ length: connections }, () =>
      inTransaction(database, plan).catch((error: unknown) => {
        if (!(error instanceof Rollback)) throw error
      }),
    ),
  )
}

function madeUpDatabase(): Database {
  let taken = 0
  const now = Date.now()
  const startsAt = now + 86_400_000
  const line = (id: string) => ({ id, watermark: 0, next: BATCH + 1, paused: false, decidedPerSecond: 0, decidedAt: 0 })
  const query = answering({
    'lock-free-lines': ([ids]) => (ids as string[]).map(line),
    'read-undecided': ([ids]) =>
      (ids as string[]).flatMap((resourceId, index) =>
        Array.from({ length: BATCH }, (_, at) => ({
          place: index + 1,
          next: BATCH + 1,
          id: newId(),
          seq: at + 1,
          state: 'queued',
          resourceId,
          payload: { customer: MADE_UP.customer, ...wishOf(resourceId, taken++) },
          customerKeys: ['o:nobody', 'e:nobody'],
          acceptedAt: now,
        })),
      ),
    'read-resources': ([ids]) =>
      (ids as string[]).map((id) => ({
        now,
        id,
        organizerId: MADE_UP.organizerId,
        holdTtlMs: 600_000,
        feeBasisPoints: 300,
        salesStartAt: null,
        salesEndAt: null,
        singleSeats: 'allow',
        rates: [],
        version: 1,
        changedAt: null,
        announcesRefusals: false,
        areas: null,
        ...(id === MADE_UP.showtimeId ? showtime(startsAt) : event(startsAt)),
      })),
    'read-seats': ([layoutIds, labels]) =>
      (labels as string[]).map((label, index) => ({
        layoutId: (layoutIds as string[])[index],
        label,
        categoryId: MADE_UP.categoryId,
        disabled: false,
      })),
    'write-decisions': ([, outcomes]) => [
      { decided: (JSON.parse(String(outcomes)) as unknown[]).length, versions: { [MADE_UP.eventId]: 1 } },
    ],
  })
  const client = { query, on: () => undefined, off: () => undefined, release: () => undefined }
  const pool = { connect: () => Promise.resolve(client) } as unknown as Database['pool']
  return { pool, orm: drizzle(pool), close: () => Promise.resolve() }
}

const wishOf = (resourceId: string, n: number) =>
  resourceId === MADE_UP.showtimeId
    ? { seats: [`A${(n % SEATS) + 1}`, `B${(n % SEATS) + 1}`] }
    : { tickets: [{ ticketTypeId: MADE_UP.ticketTypeId, quantity: 2 }] }

const showtime = (startsAt: number) => ({
  kind: 'showtime',
  prices: [{ id: MADE_UP.categoryId, name: 'Standard', price: 1_200, rates: {} }],
  sold: { ...sold(startsAt), status: 'active', layoutId: MADE_UP.layoutId, ticketTypes: null },
})

const sold = (startsAt: number) => ({
  startsAt,
  endsAt: startsAt + 7_200_000,
  currency: 'EUR',
  maxSeatsPerBooking: 10,
  quotas: [],
})

const event = (startsAt: number) => ({
  kind: 'event',
  prices: null,
  sold: { ...sold(startsAt), status: 'published', layoutId: null, ticketTypes: [TICKET_TYPE] },
})

const TICKET_TYPE = {
  id: MADE_UP.ticketTypeId,
  name: 'Day ticket',
  price: 4_900,
  capacity: 1_000_000,
  sold: 0,
  active: true,
  hidden: false,
  saleStartsAt: null,
  saleEndsAt: null,
  minPerBooking: 1,
  maxPerBooking: 10,
  maxPerCustomer: null,
}
