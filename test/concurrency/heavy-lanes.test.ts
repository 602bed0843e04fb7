import { afterEach, describe, expect, it } from 'vitest'
import { openDatabase } from '@boxoffice/core/db/connect.ts'
import { isTooHeavy } from '@boxoffice/core/db/sql-errors.ts'
import { MAX_BOOKING_PLACES } from '@boxoffice/core/domain/places.ts'
import { BatchSizes } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { type Engine, type EngineOptions, openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
import { interceptTransactions } from '../support/intercepted-database.ts'
import { testLogger } from '../support/logger.ts'
import type { Outcome } from '@boxoffice/core/domain/booking-request.ts'
import { decideWaiting } from '@boxoffice/core/booking-requests/deciding/decide-waiting.ts'

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

/** Drains the lane as a worker does until it is empty, and returns the decided requests in order. */
async function drainAll(engine: Engine, lane: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const announce: Parameters<typeof decideWaiting>[0]['announce'] = (signal) => {
    outcomes.push(...(signal.lane?.outcomes ?? []))
  }
  for (let turn = 0; turn < 10; turn++) {
    const decided = await decideWaiting({ ...engine.deciding, announce }, lane, 'wait').catch((error: unknown) => {
      if (!isTooHeavy(error)) throw error
      return null
    })
    if (decided !== null) return outcomes
  }
  throw new Error('the lane goes on after ten turns')
}

const codesOf = (outcomes: readonly Outcome[]) => outcomes.map(({ state, refusal }) => refusal?.code ?? state)

async function givenHugeEvent(types: number) {
  return givenEvent(db.database, {
    lane: LANE,
    ticketTypes: Array.from({ length: types }, () => ({ price: 0, capacity: 2_147_483_647, maxPerBooking: 1_000 })),
  })
}

describe('stuffed requests', () => {
  it('as large as schemas once allowed are refused, 450 in one batch, and nobody waits for them', async () => {
    const engine = impatientEngine()
    const { eventId, ticketTypeIds } = await givenHugeEvent(20)
    const tickets = ticketTypeIds.map((ticketTypeId) => ({ ticketTypeId, quantity: 1_000 }))
    await Promise.all(Array.from({ length: 450 }, () => engine.line.accept(ticketsRequest(eventId, tickets))))
    const { showtimeId } = await givenShowtime(db.database, { lane: LANE })
    const neighbour = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    const since = performance.now()
    const outcomes = await drainAll(engine, LANE)
    expect(performance.now() - since, 'ms').toBeLessThan(2_000)
    expect(outcomes.at(-1)).toMatchObject({ id: neighbour.view.id, state: 'booked' })
    expect(new Set(codesOf(outcomes.slice(0, -1)))).toEqual(new Set(['quantity_out_of_range']))
    expect(ticketTypeIds.length * 1_000).toBeGreaterThan(MAX_BOOKING_PLACES)
  })

  it('as large as they may be are decided in batches of so many places, while another lane goes on', async () => {
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
      expect(isTooHeavy(failure)).toBe(true)
    }
    expect((await control.line.find(accepted[0]?.view.id ?? ''))?.view.state).toBe('queued')

    const engine = impatientEngine()
    const { showtimeId, seats } = await givenShowtime(db.database, { lane: LANE + 1, rows: 3 })
    let slowestMs = 0
    let isDecided = false
    const quiet = async () => {
      for (let next = 0; !isDecided; next = (next + 1) % seats.length) {
        const since = performance.now()
        const { view } = await engine.line.accept(seatsRequest(showtimeId, [seats[next] ?? '']))
        await engine.decideWaiting(LANE + 1)
        expect((await engine.line.find(view.id))?.view.state).not.toBe('queued')
        slowestMs = Math.max(slowestMs, performance.now() - since)
      }
    }
    const neighbour = quiet()
    const outcomes = await drainAll(engine, LANE).finally(() => {
      isDecided = true
    })
    await neighbour
    expect(outcomes.map(({ id }) => id)).toEqual(accepted.map(({ view }) => view.id))
    expect(new Set(codesOf(outcomes))).toEqual(new Set(['booked']))
    expect(slowestMs, 'ms until the neighbour is decided').toBeLessThan(2_000)
  }, 60_000)
})

describe('a request that is too heavy even alone', () => {
  const POISONED = 'poisoned-owner'

  /**
   * Accepts seven requests for one showtime, the third of them by `POISONED`. The fourth wants the third one's seat.
   */
  async function givenPoisonedLine(engine: Engine, lane: number): Promise<readonly string[]> {
    const { showtimeId } = await givenShowtime(db.database, { lane })
    const ids: string[] = []
    for (const [index, seat] of ['A1', 'A2', 'A3', 'A3', 'A5', 'A6', 'A7'].entries()) {
      const owner = index === 2 ? POISONED : `sound-${index}`
      ids.push((await engine.line.accept(seatsRequest(showtimeId, [seat], { owner }))).view.id)
    }
    return ids
  }

  it('is refused once its last, longer try has run out of time, and the others are booked in order', async () => {
    const engine = impatientEngine({ sizes: new BatchSizes({ lastTryTimeoutMs: STATEMENT_TIMEOUT_MS + 100 }) })
    const ids = await givenPoisonedLine(engine, 2)
    await db.database.pool.query(`
      create function take_long() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return new; end $$;
      create trigger take_long before insert on bookings for each row when (new.owner = '${POISONED}')
        execute function take_long()`)
    const outcomes = await drainAll(engine, 2)
    await db.database.pool.query('drop trigger take_long on bookings; drop function take_long')
    expect(outcomes.map(({ id }) => id)).toEqual(ids)
    expect(codesOf(outcomes)).toEqual(['booked', 'booked', 'internal_error', 'booked', 'booked', 'booked', 'booked'])
  }, 60_000)

  it('is refused where it breaks its connection each time', async () => {
    const engine = impatientEngine({
      wrapDeciding: (database) =>
        interceptTransactions(database, async ({ name, values, client, run }) => {
          const result = await run()
          if (name !== 'read-undecided' && !JSON.stringify(values).includes(poisonedId)) return result
          if (name === 'write-decisions' && JSON.stringify(values).includes('reference')) {
            await client.query('set local idle_in_transaction_session_timeout = 1; select 1')
            await new Promise<void>((resolve) => client.once('end', () => resolve()))
          }
          return result
        }),
    })
    let poisonedId = 'none'
    const ids = await givenPoisonedLine(engine, 3)
    poisonedId = ids[2] ?? ''
    const outcomes = await drainAll(engine, 3)
    expect(outcomes.map(({ id }) => id)).toEqual(ids)
    expect(codesOf(outcomes)).toEqual(['booked', 'booked', 'internal_error', 'booked', 'booked', 'booked', 'booked'])
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
    expect(sizes.of(4)).toBe(new BatchSizes().of(4))
  })
})

describe("a lane's time", () => {
  it('follows a clock that went back, and does not follow one that is a little behind', async () => {
    const engine = openEngine(db)
    engines.push(engine)
    const { showtimeId } = await givenShowtime(db.database, { lane: 5, holdTtlMs: 600_000 })
    const decide = async (seat: string, aheadOf: string) => {
      await db.database.pool.query('update lanes set decided_at = clock_timestamp() + $1::interval where id = 5', [
        aheadOf,
      ])
      await engine.line.accept(seatsRequest(showtimeId, [seat]))
      const [outcome] = (await engine.decideWaiting(5)).flatMap((batch) => batch.outcomes)
      const { rows } = await db.database.pool.query<{ aheadMs: number; laneAheadMs: number }>(
        `select (extract(epoch from $1::timestamptz - clock_timestamp()) * 1000)::float8 as "aheadMs",
           (extract(epoch from decided_at - clock_timestamp()) * 1000)::float8 as "laneAheadMs" from lanes where id = 5`,
        [outcome?.decidedAt],
      )
      return rows[0]
    }
    const little = await decide('A1', '3 seconds')
    expect(little?.aheadMs).toBeGreaterThan(0)
    const hour = await decide('A2', '1 hour')
    expect(hour?.aheadMs).toBeLessThan(1_000)
    expect(hour?.laneAheadMs).toBeLessThan(1_000)
  })
})
