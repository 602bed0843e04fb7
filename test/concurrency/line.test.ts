import fc from 'fast-check'
import { LaneSweeper } from '@boxoffice/core/booking-requests/deciding/sweep-lanes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { LaneBatch } from '@boxoffice/core/booking-requests/deciding/decide-lane.ts'
import { MAX_BATCH } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lane.ts'
import { LaneMissingError } from '@boxoffice/core/booking-requests/lanes/lane-missing-error.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import {
  type Engine,
  type EngineOptions,
  openEngine,
  seatsRequest,
  ticketsRequest,
  sweepOnce,
} from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { holdCommit, interceptTransactions } from '../support/intercepted-database.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { openFlood } from './flood.ts'
import { codesOf, readOutcomes } from './races.ts'

let db: TestDatabase
let engine: Engine
const opened: Engine[] = []

/** Another API process and worker, closed at the end. */
function another(options: EngineOptions = {}): Engine {
  const made = openEngine(db, options)
  opened.push(made)
  return made
}

beforeAll(async () => {
  db = await createTestDatabase()
  engine = another()
})
afterAll(async () => {
  await Promise.all(opened.map((open) => open.close()))
  await db.drop()
})

const query = async (text: string, values: unknown[] = []) => (await db.database.pool.query(text, values)).rows
const laneState = async (lane: number) =>
  (await query('select watermark, next from lanes join lane_intake on lane = id where id = $1', [lane]))[0]
const outcomesOf = (batches: readonly LaneBatch[]) => batches.flatMap((batch) => batch.outcomes)

describe('who was answered first', () => {
  it('is decided first, whichever API process either went through, while workers lose their connections', async () => {
    const { showtimeId, seats } = await givenShowtime(db.database, { lane: 0, rows: 12, seatsPerRow: 10 })
    const killed = { writing: 0, committing: 0, committed: 0 }
    // Every third transaction of each worker ends somewhere in the middle, by turns at its three dangerous steps.
    const chaos = (database: Database) => {
      let transactions = 0
      const step = () =>
        transactions % 3 === 0 ? (['writing', 'committing', 'committed'] as const)[(transactions / 3) % 3] : null
      return interceptTransactions(database, async ({ name, text, client, run }) => {
        const terminate = async () => {
          const pid = 'processID' in client ? client.processID : null
          await query('select pg_terminate_backend($1, 5000)', [pid])
        }
        if (name === 'lock-lane') transactions += 1
        const at = step()
        if (at === 'writing' && name === 'write-decisions') {
          killed.writing += 1
          await terminate()
        }
        if (at === 'committing' && text === 'commit') {
          killed.committing += 1
          await terminate()
        }
        const result = await run()
        if (at === 'committed' && text === 'commit') {
          killed.committed += 1
          await terminate()
          throw new Error('Connection terminated unexpectedly')
        }
        return result
      })
    }
    const flood = openFlood(db, { wrap: chaos })
    const firsts = new Map<string, string>()
    try {
      const [one, two] = flood.engines
      const customers = Array.from({ length: 6 }, async (_, customer) => {
        for (let round = customer; round < seats.length; round += 6) {
          const seat = seats[round] ?? ''
          const [first, second] = round % 2 === 0 ? [one, two] : [two, one]
          const { view } = await first.line.accept(seatsRequest(showtimeId, [seat]))
          firsts.set(seat, view.id)
          await second.line.accept(seatsRequest(showtimeId, [seat]))
          await flood.settled()
        }
      })
      await Promise.all(customers)
      await flood.settled()
    } finally {
      await flood.close()
    }
    const outcomes = await readOutcomes(db, showtimeId)
    expect(outcomes).toHaveLength(2 * seats.length)
    for (const { id, payload, state } of outcomes) {
      expect({ id, state }).toEqual({ id, state: firsts.get(payload.seats?.[0] ?? '') === id ? 'booked' : 'refused' })
    }
    for (const times of Object.values(killed)) expect(times).toBeGreaterThan(1)
  })
})

describe('seq', () => {
  it('would have holes that are filled later if it came from a sequence: the control', async () => {
    await query('create table control (seq bigserial primary key)')
    const first = await holdLock(db, 'insert into control default values')
    await query('insert into control default values')
    const seen = async () => (await query('select count(*) as rows, max(seq) as last from control'))[0]
    // A decider that went by this would have passed the first one by.
    expect(await seen()).toEqual({ rows: 1, last: 2 })
    await first.release('commit')
    expect(await seen()).toEqual({ rows: 2, last: 2 })
  })

  it('is given out in the order of commits: nobody ever sees a line with a hole in it', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 1 })
    const processes = [another(), another()]
    const sending = Promise.all(
      Array.from({ length: 40 }, async (_, customer) => {
        for (let round = 0; round < 10; round++) {
          await processes[customer % 2]?.line.accept(seatsRequest(showtimeId, ['A1']))
        }
      }),
    )
    let sent = false
    const done = sending.finally(() => {
      sent = true
    })
    done.catch(() => {})
    const depths = new Set<number>()
    while (!sent) {
      const [line] = await query(
        `select count(*) as rows, coalesce(max(seq), 0) as last, (select next - 1 from lane_intake where lane = 1) as given
         from booking_requests where lane = 1`,
      )
      expect(line).toEqual({ rows: line.last, last: line.last, given: line.last })
      depths.add(line.last)
    }
    await done
    expect(depths.size).toBeGreaterThan(3)
    expect(await laneState(1)).toEqual({ watermark: 0, next: 401 })
    await engine.drain(1)
  })

  it('is not given to anybody else, nor is the lane decided past it, until its INSERT is committed', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 2 })
    const hold = holdCommit('insert-booking-requests')
    const slow = another({ wrapIntake: hold.wrap })
    const first = slow.line.accept(seatsRequest(showtimeId, ['A1']))
    const inserting = await hold.reached
    const second = engine.line.accept(seatsRequest(showtimeId, ['A1']))
    await waitForBlocked(db, { by: inserting })
    expect(outcomesOf(await engine.drain(2))).toEqual([])
    expect(await laneState(2)).toEqual({ watermark: 0, next: 1 })
    hold.end('commit')

    const [{ view: a }, { view: b }] = await Promise.all([first, second])
    expect([a.seq, b.seq]).toEqual([1, 2])
    const outcomes = outcomesOf(await engine.drain(2))
    expect(outcomes.map(({ id }) => id)).toEqual([a.id, b.id])
    expect(codesOf(outcomes)).toEqual(['booked', 'seat_unavailable'])
  })

  it('is given to the next one when the process that had it dies before its commit', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 2 })
    const hold = holdCommit('insert-booking-requests')
    const dying = another({ wrapIntake: hold.wrap })
    const first = dying.line.accept(seatsRequest(showtimeId, ['A1']))
    const second = hold.reached.then(() => engine.line.accept(seatsRequest(showtimeId, ['A1'])))
    await waitForBlocked(db, { by: await hold.reached })
    const { next } = await laneState(2)
    hold.end('rollback')
    await expect(first).rejects.toThrow('died')
    expect((await second).view.seq).toBe(next)
    expect(codesOf(outcomesOf(await engine.drain(2)))).toEqual(['booked'])
  })
})

describe('a request sent again while its first INSERT is not committed', () => {
  const setUp = async () => {
    const hold = holdCommit('insert-booking-requests')
    const slow = another({ wrapIntake: hold.wrap })
    const [here, elsewhere] = await Promise.all([3, 4].map((lane) => givenShowtime(db.database, { lane })))
    const key = { owner: 'again', idempotencyKey: here?.showtimeId ?? '' }
    const request = seatsRequest(here?.showtimeId ?? '', ['A1'], key)
    const otherRequest = seatsRequest(elsewhere?.showtimeId ?? '', ['A1'], key)
    const first = slow.line.accept(request)
    const inserting = await hold.reached
    return { hold, request, otherRequest, first, inserting }
  }
  const requestsWith = async (idempotencyKey: string | null) =>
    query('select id from booking_requests where idempotency_key = $1', [`key:${idempotencyKey}`])

  it('waits for it and is the same request', async () => {
    const { hold, request, first, inserting } = await setUp()
    const second = engine.line.accept(request)
    await waitForBlocked(db, { by: inserting })
    hold.end('commit')
    const [a, b] = await Promise.all([first, second])
    expect([a.replayed, b.replayed]).toEqual([false, true])
    expect(b.view.id).toBe(a.view.id)
    expect(await requestsWith(request.idempotencyKey)).toEqual([{ id: a.view.id }])
    expect(codesOf(outcomesOf(await engine.drain(3)))).toEqual(['booked'])
  })

  it('takes its place when the first one comes to nothing', async () => {
    const { hold, request, first, inserting } = await setUp()
    const second = engine.line.accept(request)
    await waitForBlocked(db, { by: inserting })
    hold.end('rollback')
    await expect(first).rejects.toThrow('died')
    const { view, replayed } = await second
    expect(replayed).toBe(false)
    expect(await requestsWith(request.idempotencyKey)).toEqual([{ id: view.id }])
    expect(codesOf(outcomesOf(await engine.drain(3)))).toEqual(['booked'])
  })

  it('with another body waits for it, also in another lane, and is an error', async () => {
    const { hold, request, otherRequest, first, inserting } = await setUp()
    const second = engine.line.accept(otherRequest)
    await waitForBlocked(db, { by: inserting })
    hold.end('commit')
    await expect(second).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    const { view } = await first
    expect(await requestsWith(request.idempotencyKey)).toEqual([{ id: view.id }])
    await engine.drain(3)
  })

  it('with another body has the key to itself when the first one comes to nothing', async () => {
    const { hold, otherRequest, first, inserting } = await setUp()
    const second = engine.line.accept(otherRequest)
    await waitForBlocked(db, { by: inserting })
    hold.end('rollback')
    await expect(first).rejects.toThrow('died')
    expect((await second).replayed).toBe(false)
    expect(codesOf(outcomesOf(await engine.drain(4)))).toEqual(['booked'])
  })
})

describe('a lane whose row is missing', () => {
  const without = async (table: 'lanes' | 'lane_intake', work: () => Promise<void>) => {
    const column = table === 'lanes' ? 'id' : 'lane'
    const [row] = await query(`delete from ${table} where ${column} = 7 returning to_jsonb(${table}) as row`)
    try {
      await work()
    } finally {
      await query(`insert into ${table} select * from jsonb_populate_record(null::${table}, $1)`, [row?.row])
    }
  }

  for (const table of ['lanes', 'lane_intake'] as const) {
    it(`in ${table} is not decided, which is said loudly, and goes on when it is back`, async () => {
      const { showtimeId } = await givenShowtime(db.database, { lane: 7 })
      const { view } = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
      await without(table, async () => {
        const deciding = decideNextBatch(engine.deciding, 7, 'wait')
        if (table === 'lanes') await expect(deciding).rejects.toThrow(LaneMissingError)
        else await expect(deciding).rejects.toThrow('lane 7 has no intake row')
        expect(await query('select state from booking_requests where id = $1', [view.id])).toEqual([
          { state: 'queued' },
        ])
      })
      expect(codesOf(outcomesOf(await engine.drain(7)))).toEqual(['booked'])
    })

    it(`in ${table} takes no requests, which is said loudly`, async () => {
      const { showtimeId } = await givenShowtime(db.database, { lane: 7 })
      await without(table, async () => {
        await expect(engine.line.accept(seatsRequest(showtimeId, ['A1']))).rejects.toThrow(LaneMissingError)
      })
      expect(await query('select id from booking_requests where resource_id = $1', [showtimeId])).toEqual([])
    })
  }
})

describe('the sweep', () => {
  it('tries a lane once whose showtime somebody keeps locked, and decides the others meanwhile', async () => {
    const attempts: string[] = []
    const noteAttempts = (database: Database) =>
      interceptTransactions(database, async ({ name, client, run }) => {
        if (name?.startsWith('lock-lane')) {
          attempts.push(name)
          await client.query('set local lock_timeout = 100')
        }
        return run()
      })
    const worker = another({ wrapDeciding: noteAttempts })
    const [stuck, other] = await Promise.all([0, 7].map((lane) => givenShowtime(db.database, { lane })))
    const held = await holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [
      stuck?.showtimeId,
    ])
    try {
      for (const each of [stuck, other]) await engine.line.accept(seatsRequest(each?.showtimeId ?? '', ['A1']))
      const decided = await eventually(async () => {
        attempts.length = 0
        const count = await sweepOnce({ ...worker.deciding, announce: () => {} })
        if (attempts.length < 2) throw new Error('the sweep leaves one to its job yet')
        return count
      })
      expect(decided).toBe(1)
      expect(attempts).toEqual(['lock-lane-if-free', 'lock-lane-if-free'])
      expect(codesOf(await readOutcomes(db, other?.showtimeId ?? ''))).toEqual(['booked'])
    } finally {
      await held.release()
    }
    expect(await sweepOnce({ ...worker.deciding, announce: () => {} })).toBe(1)
    expect(codesOf(await readOutcomes(db, stuck?.showtimeId ?? ''))).toEqual(['booked'])
  })
})

describe('a sweep that is busy with one lane', () => {
  it('keeps no other lane waiting, and does not begin with the same one again', async () => {
    const [slow, quick] = await Promise.all([0, 7].map((lane) => givenShowtime(db.database, { lane })))
    const sweeper = new LaneSweeper({ ...engine.deciding, announce: () => {} })
    const held = await holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [
      slow?.showtimeId,
    ])
    const sweepOneLane = () =>
      eventually(async () => {
        const [only, ...others] = await sweeper.sweep()
        if (only === undefined) throw new Error('the sweep leaves it to its job yet')
        expect(others).toEqual([])
        return { decided: only }
      })
    try {
      await engine.line.accept(seatsRequest(slow?.showtimeId ?? '', ['A1']))
      await sweepOneLane()
      await waitForBlocked(db, { by: held })
      await engine.line.accept(seatsRequest(quick?.showtimeId ?? '', ['A1']))
      const { decided } = await sweepOneLane()
      expect(await decided).toBe(1)
      expect(codesOf(await readOutcomes(db, quick?.showtimeId ?? ''))).toEqual(['booked'])
    } finally {
      await held.release()
    }
    await sweeper.settle()
    expect(codesOf(await readOutcomes(db, slow?.showtimeId ?? ''))).toEqual(['booked'])
  })
})

describe('a sweep that was needed', () => {
  it('takes the next requests sooner, for nobody may ring for them either', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 6 })
    const sweeper = new LaneSweeper({ ...engine.deciding, announce: () => {} })
    expect(sweeper.patienceMs).toBe(1_000)
    const acceptAndSweep = async (seat: string) => {
      await engine.line.accept(seatsRequest(showtimeId, [seat]))
      await eventually(async () => {
        if ((await sweeper.sweep()).length === 0) throw new Error('the sweep leaves it to its job yet')
        await sweeper.settle()
      })
    }
    for (const seat of ['A1', 'A2']) await acceptAndSweep(seat)
    expect(sweeper.patienceMs).toBe(100)
    const rows = await query(
      `select extract(epoch from decided_at - accepted_at)::float8 as seconds from booking_requests
       where resource_id = $1 order by seq`,
      [showtimeId],
    )
    const [first, second] = rows.map(({ seconds }) => Number(seconds))
    expect(first).toBeGreaterThanOrEqual(1)
    expect(second).toBeGreaterThanOrEqual(0.1)
    expect(second).toBeLessThan(1)
    sweeper.onRung()
    expect(sweeper.patienceMs, 'once a job has come').toBe(1_000)
  })

  it('stays patient where jobs come, however long the line is', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 6 })
    const sweeper = new LaneSweeper({ ...engine.deciding, announce: () => {} })
    await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    await eventually(async () => {
      sweeper.onRung()
      if ((await sweeper.sweep()).length === 0) throw new Error('the sweep leaves it to its job yet')
      await sweeper.settle()
    })
    expect(codesOf(await readOutcomes(db, showtimeId))).toEqual(['booked'])
    expect(sweeper.patienceMs).toBe(1_000)
  })
})

describe('a paused lane', () => {
  it('takes requests and decides none, and goes on by the sweep when it is resumed', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 5 })
    const worker = { ...engine.deciding, announce: () => {} }
    await query('update lanes set paused = true where id = 5')
    for (const seat of ['A1', 'A2', 'A3']) await engine.line.accept(seatsRequest(showtimeId, [seat]))
    expect(await decideNextBatch(engine.deciding, 5, 'wait')).toBeNull()
    expect(await decideNextBatch(engine.deciding, 5, 'ifFree')).toBeNull()
    await eventually(async () => {
      const [row] = await query(
        `select bool_and(accepted_at < clock_timestamp() - interval '1.1 s') as old from booking_requests where lane = 5`,
      )
      if (row?.old !== true) throw new Error('the sweep would leave them to their job')
    })
    expect(await sweepOnce(worker)).toBe(0)
    expect(await laneState(5)).toEqual({ watermark: 0, next: 4 })

    await query('update lanes set paused = false where id = 5')
    expect(await sweepOnce(worker)).toBe(3)
    expect(codesOf(await readOutcomes(db, showtimeId))).toEqual(['booked', 'booked', 'booked'])
  })
})

describe('a resource that is moved to another lane', () => {
  it('takes the requests with it that were on their way, each of them once', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 5 })
    const others = await givenShowtime(db.database, { lane: 5 })
    // Both processes know the lane.
    for (const process of [engine, another()]) await process.line.accept(seatsRequest(showtimeId, ['A1']))
    await engine.drain(5)

    const moving = await holdLock(db, 'select from resources where id = $1 for update', [showtimeId])
    const onTheWay = opened
      .slice(-1)
      .concat(engine)
      .flatMap(({ line }) => [
        line.accept(seatsRequest(showtimeId, ['B1'])),
        line.accept(seatsRequest(others.showtimeId, ['B1'])),
      ])
    await waitForBlocked(db, { by: moving, count: 2 })
    await moving.client.query('update resources set lane = 6 where id = $1', [showtimeId])
    await moving.release('commit')

    const accepted = await Promise.all(onTheWay)
    expect(accepted.map(({ lane }) => lane)).toEqual([6, 5, 6, 5])
    expect(
      await query('select lane, count(*) from booking_requests where resource_id = $1 group by lane order by lane', [
        showtimeId,
      ]),
    ).toEqual([
      { lane: 5, count: 2 },
      { lane: 6, count: 2 },
    ])
    expect(codesOf(outcomesOf(await engine.drain(5)))).toEqual(['booked', 'seat_unavailable'])
    expect(codesOf(outcomesOf(await engine.drain(6)))).toEqual(['booked', 'seat_unavailable'])
    const { watermark, next } = await laneState(5)
    expect(watermark).toBe(next - 1)
  })

  it('takes later requests with it too, from processes that have not heard of it', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 5 })
    await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    await engine.drain(5)
    await query('update resources set lane = 6 where id = $1', [showtimeId])
    const request = seatsRequest(showtimeId, ['A1'], { owner: 'mover', idempotencyKey: showtimeId })
    const [first, again] = [await engine.line.accept(request), await engine.line.accept(request)]
    expect([first.lane, again.lane, again.replayed]).toEqual([6, 6, true])
    expect(codesOf(outcomesOf(await engine.drain(6)))).toEqual(['seat_unavailable'])
  })
})

describe('a batch', () => {
  it('goes over the gaps that repeated requests leave, and nobody is told to wait for them', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 6 })
    const request = seatsRequest(showtimeId, ['A1'], { owner: 'gap', idempotencyKey: showtimeId })
    await engine.line.accept(request)
    await engine.line.accept(request)
    await engine.line.accept(request)
    const { view } = await engine.line.accept(seatsRequest(showtimeId, ['A2']))
    await engine.line.accept(request)
    const [batch] = await engine.drain(6)
    expect(batch?.outcomes).toHaveLength(2)
    const { watermark, next } = await laneState(6)
    expect(batch?.watermark).toBe(watermark)
    expect([watermark, view.seq]).toEqual([next - 1, next - 2])

    // Nothing but a gap is no batch at all, and no decision.
    await engine.line.accept(request)
    expect(await engine.drain(6)).toMatchObject([{ outcomes: [], watermark: watermark + 1 }])
    expect((await engine.line.accept(seatsRequest(showtimeId, ['A3']))).view.ahead).toBe(0)
    await engine.drain(6)
  })

  it(`takes ${MAX_BATCH} at the most: 1,200 requests are decided in order by three`, async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 0, rows: 40, seatsPerRow: 30 })
    const accepted = await Promise.all(
      Array.from({ length: 1_200 }, (_, index) =>
        engine.line.accept(seatsRequest(showtimeId, [`${rowName(Math.floor(index / 30))}${(index % 30) + 1}`])),
      ),
    )
    const batches = await engine.drain(0)
    expect(batches.map(({ outcomes, full }) => [outcomes.length, full])).toEqual([
      [500, true],
      [500, true],
      [200, false],
    ])
    expect(batches.map(({ watermark }) => watermark)).toEqual(
      [499, 999, 1_199].map((index) => accepted[index]?.view.seq),
    )
    expect(outcomesOf(batches).map(({ id }) => id)).toEqual(accepted.map(({ view }) => view.id))
    expect(new Set(codesOf(outcomesOf(batches)))).toEqual(new Set(['booked']))
  })

  it('of many decides seats exactly as batches of one do', async () => {
    const seat = fc.constantFrom('A1', 'A2', 'A3', 'A4', 'B1', 'B2', 'B3', 'B4', 'B4', 'Z9')
    const asked = fc.record({
      seats: fc.array(seat, { minLength: 1, maxLength: 3 }),
      promoCode: fc.constantFrom('SAVE20', 'SAVE20', 'NONE', undefined),
      customer: fc.integer({ min: 0, max: 2 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 10, maxLength: 30 }), async (history) => {
        await expectSameDecisions(async () => {
          const showtime = await givenShowtime(db.database, {
            lane: 0,
            rows: 2,
            seatsPerRow: 4,
            disabledSeats: ['B4'],
            categories: [
              { name: 'Front', price: 999 },
              { name: 'Back', price: 1501 },
            ],
          })
          await givenPromoCode(db.database, { organizerId: showtime.organizerId, maxRedemptions: 3, maxPerCustomer: 2 })
          return history.map(({ seats, promoCode, customer }) => {
            const request = seatsRequest(showtime.showtimeId, seats, { customerKeys: [`o:${customer}`] })
            return promoCode === undefined ? request : { ...request, payload: { ...request.payload, promoCode } }
          })
        })
      }),
      { numRuns: 6, endOnFailure: true },
    )
  })

  it('of many decides tickets exactly as batches of one do', async () => {
    const asked = fc.record({
      tickets: fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 1, max: 4 })), {
        minLength: 1,
        maxLength: 3,
      }),
      promoCode: fc.constantFrom('SAVE20', undefined),
      customer: fc.integer({ min: 0, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(asked, { minLength: 10, maxLength: 30 }), async (history) => {
        await expectSameDecisions(async () => {
          const event = await givenEvent(db.database, {
            lane: 0,
            currency: 'KWD',
            ticketTypes: [
              { capacity: 17, price: 1_234, maxPerBooking: 6 },
              { capacity: 30, price: 50, maxPerCustomer: 7 },
            ],
          })
          await givenPromoCode(db.database, { organizerId: event.organizerId, maxRedemptions: 4, maxPerCustomer: 2 })
          return history.map(({ tickets, promoCode, customer }) => {
            const lines = tickets.map(([type, quantity]) => ({
              ticketTypeId: event.ticketTypeIds[type] ?? '',
              quantity,
            }))
            const request = ticketsRequest(event.eventId, lines, { customerKeys: [`o:${customer}`] })
            return promoCode === undefined ? request : { ...request, payload: { ...request.payload, promoCode } }
          })
        })
      }),
      { numRuns: 6, endOnFailure: true },
    )
  })

  /** `given` makes the same history twice, on two showtimes or events that are alike but for their ids. */
  async function expectSameDecisions(given: () => Promise<ReturnType<typeof seatsRequest>[]>) {
    const singly: LaneBatch[] = []
    for (const request of await given()) {
      await engine.line.accept(request)
      singly.push(...(await engine.drain(0)))
    }
    const requests = await given()
    for (const request of requests) await engine.line.accept(request)
    const together = await engine.drain(0)
    expect([singly.length, together.length]).toEqual([requests.length, 1])
    expect(outcomesOf(together).map(comparable)).toEqual(outcomesOf(singly).map(comparable))
  }
})

/** An outcome without what is drawn, made or measured anew each time. */
function comparable({ state, booking, refusal }: LaneBatch['outcomes'][number]) {
  const { detail: _detail, ticketTypes, ...reason } = refusal ?? { detail: '' }
  const { reference: _reference, expiresAt: _expiresAt, ...price } = booking ?? { reference: '', expiresAt: null }
  return { state, ...reason, ...price, left: ticketTypes?.map(({ available }) => available) }
}

/** `A` to `Z`, then `AA`, `AB`, … */
const rowName = (index: number): string =>
  index < 26 ? String.fromCharCode(65 + index) : `A${String.fromCharCode(65 + index - 26)}`
