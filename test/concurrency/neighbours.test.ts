import { afterEach, describe, expect, it } from 'vitest'
import { Deciders } from '@boxoffice/core/booking-requests/deciding/deciders.ts'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { type Engine, openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
import { type Intercepted, interceptTransactions } from '../support/intercepted-database.ts'
import { type HeldLock, holdLock, waitForBlocked } from '../support/locks.ts'
import { codesOf, readOutcomes } from './races.ts'

/** Lines of one lane, which are decided together: nobody waits for a neighbour that somebody holds. */

/** Tries that a line has among others, before it is waited for alone. */
const TRIES = 20
const NEIGHBOURS = 30
const LANE = 3

const db = sharedDatabase()
const engines: Engine[] = []
const held: HeldLock[] = []
afterEach(async () => {
  await Promise.all(held.splice(0).map((lock) => lock.release()))
  await Promise.all(engines.splice(0).map((engine) => engine.close()))
})

function open(wrapDeciding?: (database: Database) => Database): Engine {
  const engine = openEngine(db, wrapDeciding && { wrapDeciding })
  engines.push(engine)
  return engine
}

async function hold(showtimeId: string): Promise<HeldLock> {
  const lock = await holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [showtimeId])
  held.push(lock)
  return lock
}

/** Creates a line and its neighbours in one lane, with two requests for one seat in each. Returns their ids. */
async function givenLines(engine: Engine): Promise<{ line: string; neighbours: readonly string[] }> {
  const shows = await Promise.all(
    Array.from({ length: NEIGHBOURS + 1 }, () => givenShowtime(db.database, { lane: LANE })),
  )
  const ids = shows.map(({ showtimeId }) => showtimeId)
  for (let twice = 0; twice < 2; twice++) {
    await Promise.all(ids.map((id) => engine.line.accept(seatsRequest(id, ['A1']))))
  }
  // Neither the first to be locked nor the last.
  const [line = ''] = ids.sort().splice(NEIGHBOURS / 2, 1)
  return { line, neighbours: ids }
}

/** Opens everybody who decides in one worker. Notes which lines were decided, in that order, and which were given up. */
function openDeciders(engine: Engine) {
  const deciders = new Deciders({ ...engine.deciding, announce: () => {} })
  const decided: string[] = []
  const dropped: string[] = []
  deciders.listen({
    onDecided: (line, requests) => void (requests > 0 && decided.push(line)),
    onDropped: (line) => void dropped.push(line),
  })
  return { deciders, decided, dropped }
}

const expectDecided = async (ids: readonly string[]) => {
  for (const id of ids) expect(codesOf(await readOutcomes(db, id))).toEqual(['booked', 'seat_unavailable'])
}

const statesOf = async (id: string) => {
  const { rows } = await db.database.pool.query<{ state: string }>(
    'select state from booking_requests where resource_id = $1 order by seq',
    [id],
  )
  return rows.map(({ state }) => state)
}

describe('a line that somebody holds, in a batch of many', () => {
  it('keeps all of them waiting where it is waited for: the control', async () => {
    const engine = open()
    const { line, neighbours } = await givenLines(engine)
    const lock = await hold(line)
    const deciding = decideNextBatch(engine.deciding, [line, ...neighbours], 'wait')
    await waitForBlocked(db, { by: lock })
    for (const id of neighbours) expect(await statesOf(id)).toEqual(['queued', 'queued'])
    await lock.release()
    expect((await deciding).lines).toHaveLength(NEIGHBOURS + 1)
    await expectDecided([line, ...neighbours])
  })

  it('is passed over, and the others are decided without waiting', async () => {
    const engine = open((database) =>
      // Whoever waited would fail.
      interceptTransactions(database, async ({ name, client, run }) => {
        if (name === 'lock-free-lines') await client.query(`set local lock_timeout = '1ms'`)
        return run()
      }),
    )
    const { line, neighbours } = await givenLines(engine)
    const lock = await hold(line)
    const batch = await decideNextBatch(engine.deciding, [line, ...neighbours], 'ifFree')
    expect(batch.passedOver).toEqual([line])
    expect(batch.lines.map(({ id }) => id)).toEqual(neighbours)
    await expectDecided(neighbours)
    expect(await statesOf(line)).toEqual(['queued', 'queued'])
    await lock.release()
    expect(await decideNextBatch(engine.deciding, [line], 'ifFree')).toMatchObject({ passedOver: [] })
    await expectDecided([line])
  })

  it('is tried again while it is held, and decided among the others as soon as it is free', async () => {
    let tries = 0
    const isTriedOften = Promise.withResolvers<void>()
    const attempts = new Set<string>()
    const engine = open((database) =>
      interceptTransactions(database, async ({ name = '', run }) => {
        if (!name.startsWith('lock-')) return run()
        attempts.add(name)
        const result = await run()
        tries += 1
        // Until it is free: a slow test would have it handed over.
        if (tries === 5) {
          isTriedOften.resolve()
          await lock?.release()
        }
        return result
      }),
    )
    const { line, neighbours } = await givenLines(engine)
    const lock = await hold(line)
    const { deciders, decided, dropped } = openDeciders(engine)
    for (const id of [line, ...neighbours]) deciders.notify(id, 2)
    await isTriedOften.promise
    expect(decided.toSorted()).toEqual(neighbours)
    expect(deciders.has(line)).toBe(true)
    await deciders.decided({ id: line, to: 2 })
    await deciders.settle()
    expect(decided.at(-1)).toBe(line)
    expect([...attempts]).toEqual(['lock-free-lines'])
    expect([dropped, deciders.has(line)]).toEqual([[], false])
    await expectDecided([line, ...neighbours])
  })

  it('is waited for alone in the end, while its neighbours go on', async () => {
    const engine = open()
    const { line, neighbours } = await givenLines(engine)
    const lock = await hold(line)
    const { deciders, decided } = openDeciders(engine)
    for (const id of [line, ...neighbours]) deciders.notify(id, 2)
    await waitForBlocked(db, { by: lock })
    expect(engine.deciding.sizes.companyOf(line)).toBe('suspect')
    // One after the other, and none of them waits.
    for (const id of neighbours) {
      const { view } = await engine.line.accept(seatsRequest(id, ['A2']))
      deciders.notify(id)
      await deciders.decided({ id, to: view.seq })
      expect((await engine.line.find(view.id))?.view.state).toBe('booked')
    }
    expect(decided).not.toContain(line)
    expect(await statesOf(line)).toEqual(['queued', 'queued'])
    await lock.release()
    await deciders.decided({ id: line, to: 2 })
    await deciders.settle()
    await expectDecided([line])
    expect(engine.deciding.sizes.companyOf(line), 'afterwards').toBe('others')
  })
})

describe('a quiet line', () => {
  it('is decided while a large batch of a long one is in hand', async () => {
    const isInHand = Promise.withResolvers<void>()
    const mayGoOn = Promise.withResolvers<void>()
    let writes = 0
    const engine = open((database) =>
      interceptTransactions(database, async ({ name, run }) => {
        if (name !== 'write-decisions') return run()
        writes += 1
        // The first one is the long line's first turn, which is short.
        if (writes === 2) {
          isInHand.resolve()
          await mayGoOn.promise
        }
        return run()
      }),
    )
    const [long, quiet] = await Promise.all([
      givenShowtime(db.database, { lane: LANE, rows: 20, seatsPerRow: 20 }),
      givenShowtime(db.database, { lane: LANE }),
    ])
    await Promise.all(long.seats.slice(0, 300).map((seat) => engine.line.accept(seatsRequest(long.showtimeId, [seat]))))
    await Promise.all([1, 2].map(() => engine.line.accept(seatsRequest(quiet.showtimeId, ['A1']))))
    const { deciders } = openDeciders(engine)

    deciders.notify(long.showtimeId, 300)
    await isInHand.promise
    deciders.notify(quiet.showtimeId, 2)
    await deciders.decided({ id: quiet.showtimeId, to: 2 })
    await expectDecided([quiet.showtimeId])
    expect((await statesOf(long.showtimeId)).filter((state) => state === 'queued')).toHaveLength(200)
    // What comes for the long one meanwhile is decided after what is in hand.
    await engine.line.accept(seatsRequest(long.showtimeId, [long.seats[300] ?? '']))
    deciders.notify(long.showtimeId, 1)
    mayGoOn.resolve()
    await deciders.settle()
    expect(new Set(await statesOf(long.showtimeId))).toEqual(new Set(['booked']))
  })
})

describe('a line that asks for more than a batch of first turns may have', () => {
  it('has its turn however many come all the time, and so have those behind it', async () => {
    const engine = open()
    const large = await givenEvent(db.database, {
      lane: LANE,
      ticketTypes: [{ price: 0, capacity: 1_000_000, maxPerBooking: 1_000 }],
    })
    const { line: quiet, neighbours } = await givenLines(engine)
    const tickets = Array.from({ length: 2 }, () => ({ ticketTypeId: large.ticketTypeIds[0] ?? '', quantity: 1_000 }))
    await engine.line.accept(ticketsRequest(large.eventId, tickets))
    const { deciders, decided } = openDeciders(engine)
    // After each batch somebody else comes.
    const later = [...neighbours]
    deciders.listen({
      onDecided: () => {
        const next = later.shift()
        if (next !== undefined) deciders.notify(next, 2)
      },
      onDropped: () => undefined,
    })
    deciders.notify(later.shift() ?? '', 2)
    deciders.notify(large.eventId, 1)
    deciders.notify(quiet, 2)
    await deciders.decided({ id: quiet, to: 2 })
    expect(decided.slice(0, 6)).toEqual(expect.arrayContaining([large.eventId, quiet]))
    await deciders.settle()
    await expectDecided([quiet, ...neighbours])
  })
})

describe('a line that fails each time, for no fault of its size', () => {
  it.each(['XX002', '55P03'])('keeps no other line waiting: %s', async (code) => {
    let failures = 0
    const engine = open((database) =>
      interceptTransactions(database, async ({ name, values, run }) => {
        const outcomes = name === 'write-decisions' ? String(values[1]) : ''
        if (!outcomes.includes(bad.view.id)) return run()
        failures += 1
        throw Object.assign(new Error('it fails'), { code })
      }),
    )
    const { line, neighbours } = await givenLines(engine)
    const failing = await givenShowtime(db.database, { lane: LANE })
    const bad = await engine.line.accept(seatsRequest(failing.showtimeId, ['A1']))
    const { deciders } = openDeciders(engine)
    for (const id of [...neighbours.slice(0, 10), failing.showtimeId, ...neighbours.slice(10), line])
      deciders.notify(id, 2)
    await Promise.all([...neighbours, line].map((id) => deciders.decided({ id, to: 2 })))
    await expectDecided([...neighbours, line])
    expect(failures).toBeGreaterThan(0)
    expect(await statesOf(failing.showtimeId)).toEqual(['queued'])
  })
})

describe('a line that others lock in turn all the time', () => {
  /** Holds a line, by one connection after the other, with no moment in between: the next one waits before one goes. */
  async function openRelay(showtimeId: string) {
    let holder = await hold(showtimeId)
    return {
      pass: async () => {
        const next = hold(showtimeId)
        await waitForBlocked(db, { by: holder })
        await holder.release()
        holder = await next
      },
    }
  }

  it('is never free for a batch that passes it over: the control', async () => {
    const engine = open()
    const { line, neighbours } = await givenLines(engine)
    const relay = await openRelay(line)
    for (let attempt = 0; attempt < TRIES + 5; attempt++) {
      await relay.pass()
      const batch = await decideNextBatch(engine.deciding, [line, ...neighbours], 'ifFree')
      expect(batch.passedOver).toEqual([line])
    }
    expect(await statesOf(line)).toEqual(['queued', 'queued'])
    await expectDecided(neighbours)
  })

  it('is handed to whoever decides alone, has its turn in the queue for the lock, and its neighbours never wait', async () => {
    const attempts: string[] = []
    let passOn = async (_statement: Intercepted): Promise<void> => {}
    const engine = open((database) =>
      interceptTransactions(database, async (statement) => {
        if (statement.name === 'lock-free-lines' || statement.name === 'lock-lines') {
          if (JSON.stringify(statement.values).includes(line)) {
            attempts.push(statement.name)
            await passOn(statement)
          }
        }
        return statement.run()
      }),
    )
    const { line, neighbours } = await givenLines(engine)
    const relay = await openRelay(line)
    let passing: Promise<void> = Promise.resolve()
    passOn = async ({ name }) => {
      // Somebody else has it each time that it is tried, and whoever waits for it waits behind the next one too.
      if (name === 'lock-free-lines') await relay.pass()
      else passing = relay.pass().then(() => relay.pass())
    }
    const { deciders, decided, dropped } = openDeciders(engine)
    for (const id of [line, ...neighbours]) deciders.notify(id, 2)
    await deciders.decided({ id: line, to: 2 })
    await passing
    await deciders.settle()
    expect(attempts).toEqual([...Array.from({ length: TRIES }, () => 'lock-free-lines'), 'lock-lines'])
    expect(decided).toHaveLength(NEIGHBOURS + 1)
    expect(decided.at(-1)).toBe(line)
    expect(dropped).toEqual([])
    await expectDecided([line, ...neighbours])
    expect(engine.deciding.sizes.companyOf(line), 'afterwards').toBe('others')
  })

  it('loses nothing to those who lock it for real: cancellations and corrections, as fast as they come', async () => {
    const engine = open()
    const { line, neighbours } = await givenLines(engine)
    let isOver = false
    const others = Array.from({ length: 3 }, async () => {
      const connection = db.open({ name: 'test-lock', max: 1 })
      const client = await connection.pool.connect()
      try {
        while (!isOver) {
          await client.query('begin')
          await client.query('select from resource_state where resource_id = $1 for no key update', [line])
          await client.query('select pg_sleep(0.02)')
          await client.query('commit')
        }
      } finally {
        client.release()
        await connection.close()
      }
    })
    const { deciders } = openDeciders(engine)
    try {
      for (let round = 0; round < 5; round++) {
        const { view } = await engine.line.accept(seatsRequest(line, [`B${round + 1}`]))
        for (const id of [line, ...neighbours]) deciders.notify(id)
        const since = performance.now()
        await deciders.decided({ id: line, to: view.seq })
        // Three others at 20 ms each are before it, once it waits.
        expect(performance.now() - since, 'ms').toBeLessThan(2_000)
        expect((await engine.line.find(view.id))?.view.state).toBe('booked')
      }
      await deciders.settle()
    } finally {
      isOver = true
      await Promise.all(others)
    }
    await expectDecided(neighbours)
    expect(codesOf(await readOutcomes(db, line))).toEqual([
      'booked',
      'seat_unavailable',
      ...Array.from({ length: 5 }, () => 'booked'),
    ])
  })
})

describe('a line that does not exist', () => {
  it('is given up after it was looked for alone, and costs its neighbours nothing', async () => {
    const attempts: string[] = []
    const nobody = newId()
    const engine = open((database) =>
      interceptTransactions(database, ({ name = '', values, run }) => {
        if (JSON.stringify(values).includes(nobody)) attempts.push(name)
        return run()
      }),
    )
    const { line, neighbours } = await givenLines(engine)
    const { deciders, dropped } = openDeciders(engine)
    for (const id of [nobody, line, ...neighbours]) deciders.notify(id)
    // Whoever waits for it is told.
    await deciders.decided({ id: nobody, to: 1 })
    await deciders.settle()
    await expectDecided([line, ...neighbours])
    expect([dropped, deciders.has(nobody)]).toEqual([[nobody], false])
    expect(attempts.length).toBeLessThanOrEqual(TRIES + 1)
    expect(attempts.at(-1)).toBe('lock-lines')
  })
})
