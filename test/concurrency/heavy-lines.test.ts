import { afterEach, describe, expect, it } from 'vitest'
import { BatchSizes, MAX_BATCH } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import { Deciders } from '@boxoffice/core/booking-requests/deciding/deciders.ts'
import { BatchFailedError } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { openDatabase } from '@boxoffice/core/db/connect.ts'
import { isTooHeavy } from '@boxoffice/core/db/sql-errors.ts'
import type { Outcome, Submission } from '@boxoffice/core/domain/booking-request.ts'
import { laneFor } from '@boxoffice/core/domain/lane.ts'
import { MAX_BOOKING_PLACES } from '@boxoffice/core/domain/places.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import {
  type Engine,
  type EngineOptions,
  findUndecidedLines,
  openEngine,
  seatsRequest,
  ticketsRequest,
} from '../support/engine.ts'
import { interceptTransactions } from '../support/intercepted-database.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { testLogger } from '../support/logger.ts'
import { codesOf } from './races.ts'

/** A time limit far too short for a batch of 450,000 tickets, and far more than enough for one of ten thousand. */
const STATEMENT_TIMEOUT_MS = 250
const LANE = 0

const engines: Engine[] = []

const db = sharedDatabase()
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()))
})

/** Opens an engine with a short statement timeout. */
function impatientEngine(options: EngineOptions = {}): Engine {
  const database = openDatabase({
    url: db.url,
    logger: testLogger,
    name: 'boxoffice-deciding',
    max: 4,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    longestStatementTimeoutMs: 15_000,
    lockTimeoutMs: 3_000,
    idleInTransactionTimeoutMs: 2_000,
    indexPlansOnly: true,
  })
  const engine = openEngine(db, {
    ...options,
    wrapDeciding: (usual) => {
      void usual.close()
      return (options.wrapDeciding ?? ((same) => same))(database)
    },
  })
  engines.push(engine)
  return engine
}

/** Learns nothing and takes as many places as there are, as if batches were bounded by requests alone. */
class Unbounded extends BatchSizes {
  constructor() {
    super({ maxPlaces: Number.POSITIVE_INFINITY })
  }
  override onTooHeavy(): void {}
}

/** Opens everybody who decides in one worker, and returns the outcomes as they are committed. */
function openDeciders(engine: Engine) {
  const outcomes: Outcome[] = []
  const announce: ConstructorParameters<typeof Deciders>[0]['announce'] = (signal) => {
    outcomes.push(...(signal.outcomes ?? []))
  }
  return { deciders: new Deciders({ ...engine.deciding, announce }), outcomes }
}

/** Decides the lines of a lane as a worker does until nothing is left, and returns the outcomes in order. */
async function drainAll(engine: Engine, lane: number): Promise<readonly Outcome[]> {
  const { deciders, outcomes } = openDeciders(engine)
  const waiting = async () =>
    (await findUndecidedLines(db.database)).filter((line) => laneFor(line, TEST_LANES) === lane)
  for (const line of await waiting()) deciders.notify(line)
  await deciders.settle()
  expect(await waiting()).toEqual([])
  return outcomes
}

/**
 * Asks for one place after the other in a quiet line, each once the one before is decided, until `end`. Returns how long
 * the slowest took, and how many there were.
 */
function openQuietLine(engine: Engine, deciders: Deciders, request: (index: number) => Submission) {
  let hasEnded = false
  let slowestMs = 0
  let decided = 0
  const asking = (async () => {
    for (; !hasEnded; decided++) {
      const since = performance.now()
      const { view } = await engine.line.accept(request(decided))
      const stretch = { id: view.resource.id, to: view.seq }
      deciders.notify(stretch.id)
      await deciders.decided(stretch)
      expect((await engine.line.find(view.id))?.view.state).not.toBe('queued')
      slowestMs = Math.max(slowestMs, performance.now() - since)
    }
  })()
  return {
    end: async () => {
      hasEnded = true
      await asking
      return { slowestMs, decided }
    },
  }
}

async function givenHugeEvent(types: number) {
  return givenEvent(db.database, {
    lane: LANE,
    ticketTypes: Array.from({ length: types }, () => ({ price: 0, capacity: 2_147_483_647, maxPerBooking: 1_000 })),
  })
}

describe('stuffed requests', () => {
  it('as large as schemas once allowed are refused, 450 in one batch, and no neighbour waits for them', async () => {
    const engine = impatientEngine()
    const { eventId, ticketTypeIds } = await givenHugeEvent(20)
    const tickets = ticketTypeIds.map((ticketTypeId) => ({ ticketTypeId, quantity: 1_000 }))
    await Promise.all(Array.from({ length: 450 }, () => engine.line.accept(ticketsRequest(eventId, tickets))))
    const { showtimeId } = await givenShowtime(db.database, { lane: LANE })
    const neighbour = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    const since = performance.now()
    const outcomes = await drainAll(engine, LANE)
    expect(performance.now() - since, 'ms').toBeLessThan(2_000)
    expect(outcomes).toHaveLength(451)
    expect(outcomes.find(({ id }) => id === neighbour.view.id)).toMatchObject({ state: 'booked' })
    const others = outcomes.filter(({ id }) => id !== neighbour.view.id)
    expect(new Set(codesOf(others))).toEqual(new Set(['quantity_out_of_range']))
    expect(ticketTypeIds.length * 1_000).toBeGreaterThan(MAX_BOOKING_PLACES)
  })

  it('as large as they may be are decided in batches of so many places, while other lines go on', async () => {
    const { eventId, ticketTypeIds } = await givenHugeEvent(1)
    const [ticketTypeId = ''] = ticketTypeIds
    const control = impatientEngine({ sizes: new Unbounded() })
    const accepted = await Promise.all(
      Array.from({ length: 450 }, () =>
        control.line.accept(ticketsRequest(eventId, [{ ticketTypeId, quantity: 1_000 }])),
      ),
    )
    // The control: the very same batch again and again, and nothing of it is ever decided.
    for (let attempt = 0; attempt < 2; attempt++) {
      const failure: unknown = await control.decideWaiting(LANE).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(BatchFailedError)
      expect(failure).toMatchObject({ lines: [eventId] })
      expect(isTooHeavy(failure instanceof Error ? failure.cause : failure)).toBe(true)
    }
    expect((await control.line.find(accepted[0]?.view.id ?? ''))?.view.state).toBe('queued')

    const engine = impatientEngine()
    const { deciders, outcomes } = openDeciders(engine)
    // One of the same lane, which waits in the same turns, and one of another.
    const neighbours = await Promise.all(
      [LANE, LANE + 1].map(async (lane) => {
        const { showtimeId, seats } = await givenShowtime(db.database, { lane, rows: 3 })
        return openQuietLine(engine, deciders, (index) => seatsRequest(showtimeId, [seats[index % seats.length] ?? '']))
      }),
    )
    deciders.notify(eventId, accepted.length)
    await deciders.decided({ id: eventId, to: accepted.at(-1)?.view.seq ?? 0 })
    for (const { slowestMs, decided } of await Promise.all(neighbours.map((quiet) => quiet.end()))) {
      expect(slowestMs, 'ms until the neighbour is decided').toBeLessThan(2_000)
      expect(decided, 'requests of the neighbour').toBeGreaterThan(3)
    }
    await deciders.settle()
    const ids = new Set(accepted.map(({ view }) => view.id))
    const heavy = outcomes.filter(({ id }) => ids.has(id))
    expect(heavy.map(({ id }) => id)).toEqual(accepted.map(({ view }) => view.id))
    expect(new Set(codesOf(heavy))).toEqual(new Set(['booked']))
  }, 60_000)
})

describe('a request that is too heavy even alone', () => {
  const POISONED = 'poisoned-owner'

  const EXPECTED = ['booked', 'booked', 'internal_error', 'booked', 'booked', 'booked', 'booked']

  /**
   * Accepts seven requests for one showtime, the third of them by `POISONED`. The fourth wants the third one's seat.
   */
  async function givenPoisonedLine(engine: Engine, lane: number) {
    const { showtimeId } = await givenShowtime(db.database, { lane })
    const ids: string[] = []
    for (const [index, seat] of ['A1', 'A2', 'A3', 'A3', 'A5', 'A6', 'A7'].entries()) {
      const owner = index === 2 ? POISONED : `sound-${index}`
      ids.push((await engine.line.accept(seatsRequest(showtimeId, [seat], { owner }))).view.id)
    }
    return { showtimeId, ids }
  }

  /**
   * Decides the line with three neighbours of its lane that are quiet. Returns its outcomes, and checks that it ended as it
   * should while the neighbours went on.
   */
  async function expectRefusedAlone(
    engine: Engine,
    { showtimeId, ids }: { showtimeId: string; ids: readonly string[] },
  ) {
    const { deciders, outcomes } = openDeciders(engine)
    const lane = laneFor(showtimeId, TEST_LANES)
    // They are in the same batch when it fails for the first time.
    const first = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const neighbour = await givenShowtime(db.database, { lane, rows: 10, seatsPerRow: 10 })
        await engine.line.accept(seatsRequest(neighbour.showtimeId, [neighbour.seats[0] ?? '']))
        return neighbour
      }),
    )
    for (const line of [showtimeId, ...first.map((neighbour) => neighbour.showtimeId)]) deciders.notify(line)
    const neighbours = first.map((neighbour) =>
      openQuietLine(engine, deciders, (index) =>
        seatsRequest(neighbour.showtimeId, [neighbour.seats[(index + 1) % neighbour.seats.length] ?? '']),
      ),
    )
    await deciders.decided({ id: showtimeId, to: ids.length })
    for (const { slowestMs, decided } of await Promise.all(neighbours.map((quiet) => quiet.end()))) {
      expect(slowestMs, 'ms until a neighbour is decided').toBeLessThan(2_000)
      expect(decided, 'requests of a neighbour meanwhile').toBeGreaterThan(3)
    }
    await deciders.settle()
    const own = outcomes.filter(({ id }) => ids.includes(id))
    expect(own.map(({ id }) => id)).toEqual(ids)
    expect(codesOf(own)).toEqual(EXPECTED)
    // Nobody else was refused for it.
    expect(codesOf(outcomes).filter((code) => code === 'internal_error')).toHaveLength(1)
    const { sizes } = engine.deciding
    expect(sizes.companyOf(showtimeId)).toBe('stubborn')
    expect(new Set(first.map((neighbour) => sizes.companyOf(neighbour.showtimeId)))).toEqual(new Set(['others']))
  }

  it('is refused once its last, longer try has run out of time, and the others are booked in order', async () => {
    const engine = impatientEngine({ sizes: new BatchSizes({ lastTryTimeoutMs: STATEMENT_TIMEOUT_MS + 100 }) })
    const line = await givenPoisonedLine(engine, 2)
    await db.database.pool.query(`
      create function take_long() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return new; end $$;
      create trigger take_long before insert on bookings for each row when (new.owner = '${POISONED}')
        execute function take_long()`)
    try {
      await expectRefusedAlone(engine, line)
    } finally {
      await db.database.pool.query('drop trigger take_long on bookings; drop function take_long')
    }
  }, 60_000)

  it('is refused where it breaks its connection each time', async () => {
    let poisonedId = 'none'
    const engine = impatientEngine({
      wrapDeciding: (database) =>
        interceptTransactions(database, async ({ name, values, client, run }) => {
          const result = await run()
          const written = name === 'write-decisions' ? JSON.stringify(values) : ''
          if (written.includes(poisonedId) && written.includes('reference')) {
            await client.query('set local idle_in_transaction_session_timeout = 1; select 1')
            await new Promise<void>((resolve) => client.once('end', () => resolve()))
          }
          return result
        }),
    })
    const line = await givenPoisonedLine(engine, 3)
    poisonedId = line.ids[2] ?? ''
    await expectRefusedAlone(engine, line)
  }, 60_000)

  it('is decided in smaller and smaller batches until it is alone, and the rest in larger ones again', async () => {
    const { showtimeId, seats } = await givenShowtime(db.database, { lane: 6, rows: 20, seatsPerRow: 20 })
    const tried: number[] = []
    let poisonedId = 'none'
    const engine = impatientEngine({
      wrapDeciding: (database) =>
        interceptTransactions(database, async ({ name, values, run }) => {
          if (name !== 'write-decisions' || !JSON.stringify(values).includes('reference')) return run()
          tried.push((JSON.parse(String(values[1])) as unknown[]).length)
          if (JSON.stringify(values).includes(poisonedId)) throw new Error('Connection terminated unexpectedly')
          return run()
        }),
    })
    const accepted = await Promise.all(seats.map((seat) => engine.line.accept(seatsRequest(showtimeId, [seat]))))
    poisonedId = accepted[0]?.view.id ?? ''
    const outcomes = await drainAll(engine, 6)
    expect(outcomes.map(({ id }) => id)).toEqual(accepted.map(({ view }) => view.id))
    expect(codesOf(outcomes)).toEqual(['internal_error', ...seats.slice(1).map(() => 'booked')])
    const alone = tried.indexOf(1)
    expect(tried.slice(0, alone + 3)).toEqual([100, 25, 6, 1, 1, 1])
    const after = tried.slice(alone + 3)
    expect(after).toEqual(after.toSorted((a, b) => a - b))
    expect(after.reduce((sum, each) => sum + each, 0)).toBe(seats.length - 1)
  }, 60_000)

  it('is not refused for a database that was away', async () => {
    const sizes = new BatchSizes()
    let isAway = true
    const engine = impatientEngine({
      sizes,
      wrapDeciding: (database) =>
        interceptTransactions(database, ({ text, run }) =>
          isAway && text === 'begin'
            ? Promise.reject(Object.assign(new Error('Connection terminated unexpectedly')))
            : run(),
        ),
    })
    const { showtimeId } = await givenShowtime(db.database, { lane: 4 })
    await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    for (let attempt = 0; attempt < 8; attempt++) await engine.decideWaiting(4).catch(() => undefined)
    isAway = false
    expect(codesOf(await drainAll(engine, 4))).toEqual(['booked'])
    expect([sizes.of([showtimeId]), sizes.together]).toEqual([MAX_BATCH, MAX_BATCH])
    expect(sizes.companyOf(showtimeId)).toBe('others')
  })
})

describe("a line's time", () => {
  it('follows a clock that went back, and does not follow one that is a little behind', async () => {
    const engine = openEngine(db)
    engines.push(engine)
    const { showtimeId } = await givenShowtime(db.database, { lane: 5, holdTtlMs: 600_000 })
    const decide = async (seat: string, aheadOf: string) => {
      await db.database.pool.query(
        'update resource_state set decided_at = clock_timestamp() + $1::interval where resource_id = $2',
        [aheadOf, showtimeId],
      )
      await engine.line.accept(seatsRequest(showtimeId, [seat]))
      const [outcome] = (await engine.decideWaiting(5)).flatMap((batch) => batch.outcomes)
      const { rows } = await db.database.pool.query<{ aheadMs: number; lineAheadMs: number }>(
        `select (extract(epoch from $1::timestamptz - clock_timestamp()) * 1000)::float8 as "aheadMs",
           (extract(epoch from decided_at - clock_timestamp()) * 1000)::float8 as "lineAheadMs"
         from resource_state where resource_id = $2`,
        [outcome?.decidedAt, showtimeId],
      )
      return rows[0]
    }
    const little = await decide('A1', '3 seconds')
    expect(little?.aheadMs).toBeGreaterThan(0)
    const hour = await decide('A2', '1 hour')
    expect(hour?.aheadMs).toBeLessThan(1_000)
    expect(hour?.lineAheadMs).toBeLessThan(1_000)
  })
})
