import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { claimEvents, type OutgoingEvent } from '@boxoffice/core/db/queries/claim-events.ts'
import { cancelBooking } from '@boxoffice/core/services/bookings/cancel-booking.ts'
import { relayOutbox, type RelayDependencies } from '@boxoffice/core/services/outbox/relay-outbox.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { seatsRequest, silent } from '../support/engine.ts'
import {
  buyerOf,
  closeLifecycles,
  givenBookings,
  type GivenBooking,
  givenPaid,
  holdAt,
  openLifecycle,
  openTwoLifecycles,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'

/** A database for each test, for a relay takes whatever is there. */
let db: TestDatabase
const databases: TestDatabase[] = []
beforeEach(async () => {
  db = await createTestDatabase()
  databases.push(db)
})
afterEach(async () => {
  await closeLifecycles()
  await Promise.all(pools.splice(0).map((pool) => pool.close()))
})
afterAll(async () => {
  for (const each of databases) await each.drop()
})

const pools: Database[] = []

/** A relay of a process of its own. `query` may be put before what goes through its pool. */
function relay(deliver: (event: OutgoingEvent) => Promise<void>, query?: Intercept): RelayDependencies {
  const database = db.open({ name: 'test-relay', max: 5 })
  pools.push(database)
  return { database: query === undefined ? database : intercepted(database, query), logger: silent, deliver }
}

interface Sent {
  readonly name: string
  readonly text: string
}
/** Throws, or returns the text to run. */
type Intercept = (statement: Sent) => string

function intercepted(database: Database, intercept: Intercept): Database {
  const query = (statement: Sent) => {
    try {
      return database.pool.query({ ...statement, text: intercept(statement) })
    } catch (error) {
      return Promise.reject(error)
    }
  }
  const pool = new Proxy(database.pool, {
    get: (target, key) => {
      if (key === 'query') return query
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { ...database, pool }
}

/** What a receiver has got, oldest first. */
function receiver(refuses: (event: OutgoingEvent) => boolean = () => false) {
  const received: OutgoingEvent[] = []
  const deliver = async (event: OutgoingEvent) => {
    // Everything else that is under way gets its turn, so that what is sent out of order arrives so.
    await new Promise(setImmediate)
    if (refuses(event)) throw new Error('the receiver answered 503')
    received.push(event)
  }
  return { received, deliver }
}

/** The seqs that arrived, by booking. */
function seqsOf(received: readonly OutgoingEvent[]): Map<string, number[]> {
  const events = Map.groupBy(received, ({ entityId }) => entityId)
  return new Map([...events].map(([entityId, those]) => [entityId, those.map(({ entitySeq }) => entitySeq)]))
}

/** Bookings that were paid and cancelled: six or more events each. */
async function givenLives(count: number): Promise<readonly GivenBooking[]> {
  const { showtimeId, seats } = await givenShowtime(db.database)
  const bookings = await givenBookings(
    db,
    seats.slice(0, count).map((seat) => seatsRequest(showtimeId, [seat])),
  )
  const lifecycle = openLifecycle(db)
  for (const booking of bookings) {
    await givenPaid(lifecycle, booking)
    await cancelBooking(lifecycle, {
      reference: booking.reference,
      caller: buyerOf(booking),
      requestId: 'test',
      keyed: null,
    })
  }
  return bookings
}

async function eventSeqs(): Promise<Map<string, number[]>> {
  const { rows } = await db.database.pool.query<{ id: string; last: number }>(
    'select id, event_seq as last from bookings',
  )
  return new Map(rows.map(({ id, last }) => [id, Array.from({ length: last }, (_, at) => at + 1)]))
}

/** What failed is due again, and what died has lost its lease. */
const letTimePass = () =>
  db.database.pool.query('update outbox set retry_at = now() where delivered_at is null and retry_at is not null')

async function undelivered(): Promise<number> {
  const { rows } = await db.database.pool.query<{ left: number }>(
    'select count(*) as left from outbox where delivered_at is null',
  )
  return rows[0]?.left ?? 0
}

describe('the relay of outgoing events', () => {
  it('delivers every one once, those of a booking in their order and without a gap', async () => {
    await givenLives(5)
    const { received, deliver } = receiver()
    const { delivered } = await relayOutbox(relay(deliver))
    expect(delivered).toBe(received.length)
    expect(seqsOf(received)).toEqual(await eventSeqs())
    expect(new Set(received.map(({ id }) => id)).size).toBe(received.length)
    expect(await undelivered()).toBe(0)
    expect((await relayOutbox(relay(deliver))).delivered).toBe(0)
    expect(await findViolations(db)).toEqual([])
  })

  it('tries again what the receiver refused, until it has everything, still in order', async () => {
    await givenLives(5)
    const tries = new Map<string, number>()
    const { received, deliver } = receiver((event) => {
      const before = tries.get(event.id) ?? 0
      tries.set(event.id, before + 1)
      // Every third event is refused twice.
      return event.entitySeq % 3 === 0 && before < 2
    })
    const deps = relay(deliver)
    for (let round = 0; round < 40 && (await undelivered()) > 0; round++) {
      await relayOutbox(deps)
      await letTimePass()
    }
    expect(await undelivered()).toBe(0)
    expect(seqsOf(received)).toEqual(await eventSeqs())
    for (const { id, entitySeq, attempts } of received) {
      expect(tries.get(id)).toBe(entitySeq % 3 === 0 ? 3 : 1)
      expect(attempts).toBe(tries.get(id))
    }
  })

  it('waits after a failure, and longer after each one', async () => {
    await givenLives(1)
    const deps = relay(receiver(() => true).deliver)
    const waitMs = async () => {
      await relayOutbox(deps)
      const { rows } = await db.database.pool.query<{ wait: number }>(
        `select (extract(epoch from retry_at - clock_timestamp()) * 1000)::float8 as wait from outbox where attempts > 0`,
      )
      await letTimePass()
      return rows[0]?.wait ?? 0
    }
    // Doubled from a second, give or take a quarter: the fourth is above any second one.
    const waits = [await waitMs(), await waitMs(), await waitMs(), await waitMs(), await waitMs()]
    expect(waits[0]).toBeLessThanOrEqual(1_250)
    expect(waits[4]).toBeGreaterThan(8_000)
  })
})

describe('two relays at once', () => {
  /** The first event of every booking is refused the first time. */
  function refusingFirst() {
    const refused = new Set<string>()
    return receiver(({ id, entitySeq }) => entitySeq === 1 && !refused.has(id) && refused.add(id).has(id))
  }

  it('overtake an event that failed where each event goes for itself: the control', async () => {
    await givenLives(3)
    const { received, deliver } = refusingFirst()
    const forItself = ({ name, text }: Sent) =>
      name === 'claim-events' ? text.replace(/and not exists[\s\S]*?(?=order by)/, '') : text
    await Promise.all([relayOutbox(relay(deliver, forItself)), relayOutbox(relay(deliver, forItself))])
    await letTimePass()
    await relayOutbox(relay(deliver))
    for (const seqs of seqsOf(received).values()) expect(seqs.at(-1)).toBe(1)
  })

  it('keep the order of every booking, also where one failed, and deliver nothing twice', async () => {
    await givenLives(10)
    const { received, deliver } = refusingFirst()
    await Promise.all([relayOutbox(relay(deliver)), relayOutbox(relay(deliver))])
    expect(received).toEqual([])
    await letTimePass()
    const two = [relay(deliver), relay(deliver)] as const
    while ((await undelivered()) > 0) await Promise.all(two.map((deps) => relayOutbox(deps)))
    expect(seqsOf(received)).toEqual(await eventSeqs())
    expect(new Set(received.map(({ id }) => id)).size).toBe(received.length)
  })
})

describe('a relay that dies', () => {
  const dieBeforeMarking = ({ name, text }: Sent) => {
    if (name === 'mark-event-delivered') throw new Error('the process has died')
    return text
  }

  it('after delivering and before marking: its event is delivered again, with the same id', async () => {
    await givenLives(1)
    const { received, deliver } = receiver()
    await expect(relayOutbox(relay(deliver, dieBeforeMarking))).rejects.toThrow('the process has died')
    expect(received).toHaveLength(1)
    // Nobody else takes it before its lease is over, nor what comes after it.
    await relayOutbox(relay(deliver))
    expect(received).toHaveLength(1)
    await letTimePass()
    await relayOutbox(relay(deliver))
    expect(received[1]?.id).toBe(received[0]?.id)
    expect(seqsOf(received.slice(1))).toEqual(await eventSeqs())
    expect(await undelivered()).toBe(0)
  })

  it('before delivering: another one does, once the lease is over', async () => {
    await givenLives(1)
    const { received, deliver } = receiver()
    expect(await claimEvents(db.database.pool, 32, 30_000)).toHaveLength(1)
    expect((await relayOutbox(relay(deliver))).delivered).toBe(0)
    await letTimePass()
    await relayOutbox(relay(deliver))
    expect(seqsOf(received)).toEqual(await eventSeqs())
  })
})

describe('an event that commits late', () => {
  it('is not skipped, though others with later ids were delivered before it', async () => {
    const [late, early] = await givenLives(0).then(async () => {
      const { showtimeId } = await givenShowtime(db.database)
      return givenBookings(db, [seatsRequest(showtimeId, ['A1']), seatsRequest(showtimeId, ['A2'])])
    })
    if (late === undefined || early === undefined) throw new Error('not booked')
    const { received, deliver } = receiver()
    await relayOutbox(relay(deliver))
    received.length = 0

    const hold = holdAt('commit')
    const [slow, quick] = openTwoLifecycles(db, hold.wrap)
    const byStaff = { requestId: 'test', keyed: null }
    const cancelling = cancelBooking(slow, { reference: late.reference, caller: buyerOf(late), ...byStaff })
    await hold.reached
    await givenPaid(quick, early)
    await relayOutbox(relay(deliver))
    expect(new Set(received.map(({ entityId }) => entityId))).toEqual(new Set([early.id]))
    const before = received.map(({ id }) => id)

    hold.release()
    await cancelling
    await relayOutbox(relay(deliver))
    const after = received.slice(before.length)
    expect(after.map(({ entityId, type }) => [entityId, type])).toEqual([[late.id, 'booking.cancelled']])
    expect(before.every((id) => id > (after[0]?.id ?? ''))).toBe(true)
    expect(await undelivered()).toBe(0)
  })
})
