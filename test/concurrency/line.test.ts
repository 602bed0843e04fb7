import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MAX_BATCH } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import {
  BatchFailedError,
  type DecidedBatch,
  decideNextBatch,
} from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { Deciders } from '@boxoffice/core/booking-requests/deciding/deciders.ts'
import { LineSweeper } from '@boxoffice/core/booking-requests/deciding/sweep-lines.ts'
import { insertBookingRequests } from '@boxoffice/core/booking-requests/queries/insert-booking-requests.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { openIntakePool } from '@boxoffice/core/db/pools.ts'
import { sqlState } from '@boxoffice/core/db/sql-errors.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
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
import { testLogger } from '../support/logger.ts'
import { observePool } from '../support/observed-pool.ts'
import { openFlood } from './flood.ts'
import { bookedOf, codesOf, race, readOutcomes, unguarded } from './races.ts'

let engine: Engine
const opened: Engine[] = []

/** Opens another API process and worker, which are closed at the end. */
function another(options: EngineOptions = {}): Engine {
  const made = openEngine(db, options)
  opened.push(made)
  return made
}

const db = sharedDatabase()
beforeAll(async () => {
  engine = another()
})
afterAll(() => Promise.all(opened.map((open) => open.close())))

const query = async (text: string, values: unknown[] = []) => (await db.database.pool.query(text, values)).rows
const lineState = async (resourceId: string) =>
  (
    await query('select watermark, next from resource_state join lines using (resource_id) where resource_id = $1', [
      resourceId,
    ])
  )[0]
const outcomesOf = (batches: readonly DecidedBatch[]) => batches.flatMap((batch) => batch.outcomes)
const lockOfLine = (resourceId: string) =>
  holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [resourceId])

/** Creates showtimes of one lane, and returns their ids in order. */
const givenNeighbours = async (lane: number, count: number) => {
  const ids: string[] = []
  // A few at a time: hundreds at once would wait too long for a connection.
  while (ids.length < count) {
    const some = Array.from({ length: Math.min(8, count - ids.length) }, () =>
      givenShowtime(db.database, { lane, rows: 1, seatsPerRow: 4 }),
    )
    for (const { showtimeId } of await Promise.all(some)) ids.push(showtimeId)
  }
  return ids.sort()
}

/** Opens a worker that is notified of nothing, and sweeps. */
function openSweeper(worker = engine) {
  const dependencies = { ...worker.deciding, announce: () => {} }
  const deciders = new Deciders(dependencies)
  return { deciders, sweeper: new LineSweeper(dependencies, deciders) }
}

describe('a request that was answered first', () => {
  it('is decided first, whichever API process either went through, while workers lose their connections', async () => {
    // Neighbours, so that batches of several lines break off too.
    const showtimes = await Promise.all(
      Array.from({ length: 3 }, () => givenShowtime(db.database, { lane: 0, rows: 4, seatsPerRow: 10 })),
    )
    const places = showtimes.flatMap(({ showtimeId, seats }) => seats.map((seat) => ({ showtimeId, seat })))
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
        if (name === 'lock-lines' || name === 'lock-free-lines') transactions += 1
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
        for (let round = customer; round < places.length; round += 6) {
          const { showtimeId = '', seat = '' } = places[(round * 41) % places.length] ?? {}
          const [first, second] = round % 2 === 0 ? [one, two] : [two, one]
          const { view } = await first.line.accept(seatsRequest(showtimeId, [seat]))
          firsts.set(showtimeId + JSON.stringify(seat), view.id)
          await second.line.accept(seatsRequest(showtimeId, [seat]))
          await flood.settled()
        }
      })
      await Promise.all(customers)
      await flood.settled()
    } finally {
      await flood.close()
    }
    for (const { showtimeId, seats } of showtimes) {
      const outcomes = await readOutcomes(db, showtimeId)
      expect(outcomes).toHaveLength(2 * seats.length)
      for (const { id, payload, state } of outcomes) {
        const isFirst = firsts.get(showtimeId + JSON.stringify(payload.seats?.[0])) === id
        expect({ id, state }).toEqual({ id, state: isFirst ? 'booked' : 'refused' })
      }
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
    const ids = await givenNeighbours(1, 3)
    const processes = [another(), another()]
    const sending = Promise.all(
      Array.from({ length: 40 }, async (_, customer) => {
        for (let round = 0; round < 10; round++) {
          await processes[customer % 2]?.line.accept(seatsRequest(ids[(customer + round) % 3] ?? '', ['A1']))
        }
      }),
    )
    let sent = false
    const done = sending.finally(() => {
      sent = true
    })
    done.catch(() => {})
    const depths = new Set<string>()
    while (!sent) {
      const lines = await query(
        `select count(q.seq) as rows, coalesce(max(q.seq), 0) as last, i.next - 1 as given
         from lines i left join booking_requests q using (resource_id)
         where i.resource_id = any($1::uuid[]) group by i.resource_id, i.next order by i.resource_id`,
        [ids],
      )
      expect(lines).toHaveLength(3)
      for (const line of lines) expect(line).toEqual({ rows: line.last, last: line.last, given: line.last })
      depths.add(lines.map(({ last }) => last).join())
    }
    await done
    expect(depths.size).toBeGreaterThan(3)
    const states = await Promise.all(ids.map(lineState))
    expect(states.map(({ watermark }) => watermark)).toEqual([0, 0, 0])
    expect(states.map(({ next }) => next - 1).reduce((sum, each) => sum + each)).toBe(400)
    await engine.decideWaiting(1)
  })

  it('is not given to anybody else, nor is the line decided past it, until its INSERT is committed', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 2 })
    const hold = holdCommit('insert-booking-requests')
    const slow = another({ wrapIntake: hold.wrap })
    const first = slow.line.accept(seatsRequest(showtimeId, ['A1']))
    const inserting = await hold.reached
    const second = engine.line.accept(seatsRequest(showtimeId, ['A1']))
    await waitForBlocked(db, { by: inserting })
    expect(await decideNextBatch(engine.deciding, [showtimeId], 'wait')).toMatchObject({
      lines: [{ id: showtimeId, watermark: 0, decided: 0, left: 0 }],
      outcomes: [],
    })
    expect(await lineState(showtimeId)).toEqual({ watermark: 0, next: 1 })
    hold.end('commit')

    const [{ view: a }, { view: b }] = await Promise.all([first, second])
    expect([a.seq, b.seq]).toEqual([1, 2])
    const outcomes = outcomesOf(await engine.decideWaiting(2))
    expect(outcomes.map(({ id }) => id)).toEqual([a.id, b.id])
    expect(codesOf(outcomes)).toEqual(['booked', 'seat_unavailable'])
  })

  it('of another line, of the same lane too, is given meanwhile, and that line is decided', async () => {
    const [slowId = '', quickId = ''] = await givenNeighbours(2, 2)
    const hold = holdCommit('insert-booking-requests')
    const slow = another({ wrapIntake: hold.wrap })
    const first = slow.line.accept(seatsRequest(slowId, ['A1']))
    const inserting = await hold.reached
    const second = engine.line.accept(seatsRequest(slowId, ['A1']))
    await waitForBlocked(db, { by: inserting })
    // Through the process whose write is held, and through the one whose write waits for it.
    const quick = [slow, engine].map(({ line }) => line.accept(seatsRequest(quickId, ['A1'])))
    expect((await Promise.all(quick)).map(({ view }) => view.seq).toSorted((a, b) => a - b)).toEqual([1, 2])
    expect(codesOf(outcomesOf(await engine.decideWaiting(2)))).toEqual(['booked', 'seat_unavailable'])
    expect(await lineState(slowId)).toEqual({ watermark: 0, next: 1 })
    hold.end('commit')
    await Promise.all([first, second])
    expect(codesOf(outcomesOf(await engine.decideWaiting(2)))).toEqual(['booked', 'seat_unavailable'])
  })

  it('is given to the next one when the process that had it dies before its commit', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 2 })
    await engine.line.accept(seatsRequest(showtimeId, ['B1']))
    const hold = holdCommit('insert-booking-requests')
    const dying = another({ wrapIntake: hold.wrap })
    const first = dying.line.accept(seatsRequest(showtimeId, ['A1']))
    const second = hold.reached.then(() => engine.line.accept(seatsRequest(showtimeId, ['A1'])))
    await waitForBlocked(db, { by: await hold.reached })
    const { next } = await lineState(showtimeId)
    hold.end('rollback')
    await expect(first).rejects.toThrow('died')
    expect(next).toBe(2)
    expect((await second).view.seq).toBe(next)
    expect(codesOf(outcomesOf(await engine.decideWaiting(2)))).toEqual(['booked', 'booked'])
  })
})

describe('a write into many lines', () => {
  const MANY = 3
  /** Returns a request for each of the lines, with the id under which it is written. */
  const requestsFor = (ids: readonly string[]) =>
    ids.map((id) => ({ id: newId(), submission: seatsRequest(id, ['A1']) }))

  /** Returns the pool as used by a program that locks lines in the opposite order. */
  const backwards = (pool: pg.Pool): pg.Pool =>
    new Proxy(pool, {
      get: (target, key) => {
        if (key !== 'query') return Reflect.get(target, key, target)
        return (statement: pg.QueryConfig<unknown[]>) => {
          const [ids, counts, ...rest] = statement.values ?? []
          if (!Array.isArray(ids) || !Array.isArray(counts)) throw new Error('not the INSERT of booking requests')
          return target.query({ ...statement, values: [ids.toReversed(), counts.toReversed(), ...rest] })
        }
      },
    })

  /**
   * Writes into the same lines through two processes, while somebody holds the one in the middle, so that both writes have
   * begun. Returns the states of the errors.
   */
  async function writeTwice(order: (pool: pg.Pool) => pg.Pool): Promise<(string | null | undefined)[]> {
    const ids = await givenNeighbours(3, MANY)
    const [one, two] = [another(), another()]
    const held = await holdLock(db, 'select from lines where resource_id = $1 for no key update', [ids[1]])
    try {
      const first = insertBookingRequests(one.intake.pool, requestsFor(ids))
      await waitForBlocked(db, { by: held })
      const second = insertBookingRequests(order(two.intake.pool), requestsFor(ids.toReversed()))
      const writing = Promise.allSettled([first, second])
      await waitForBlocked(db, { by: held, count: 2 })
      await held.release()
      const results = await writing
      const written = results.filter(({ status }) => status === 'fulfilled').length
      for (const id of ids) expect(await lineState(id)).toEqual({ watermark: 0, next: written + 1 })
      return results.flatMap((result) => (result.status === 'rejected' ? [sqlState(result.reason)] : []))
    } finally {
      await held.release()
      await engine.decideWaiting(3)
    }
  }

  it('ends in a deadlock with another one that locks them in another order: the control', async () => {
    expect(await writeTwice(backwards)).toEqual(['40P01'])
  })

  it('locks them in the order of their ids, and waits for the other one', async () => {
    expect(await writeTwice((pool) => pool)).toEqual([])
  })

  it('gives each line its own numbers, in the order of its requests', async () => {
    const ids = await givenNeighbours(3, MANY)
    const requests = requestsFor([ids[2], ids[0], ids[2], ids[1], ids[0], ids[2]].map((id) => id ?? ''))
    const written = await insertBookingRequests(engine.intake.pool, requests)
    expect(written.map(({ view }) => [view.id, view.resource.id, view.seq])).toEqual(
      [1, 1, 2, 1, 2, 3].map((seq, index) => [requests[index]?.id, requests[index]?.submission.resourceId, seq]),
    )
    await engine.decideWaiting(3)
  })

  it('never waits in a circle for others into lines of every choice, and leaves no hole', async () => {
    const ids = await givenNeighbours(3, 12)
    const pools = [another(), another(), another()].map(({ intake }) => intake.pool)
    const writers = Array.from({ length: 12 }, async (_, writer) => {
      for (let round = 0; round < 8; round++) {
        const chosen = ids.filter((__, index) => (index * 7 + writer * 5 + round * 3) % 4 < 2)
        const from = (writer + round) % chosen.length
        const pool = pools[writer % pools.length]
        if (pool === undefined) throw new Error('no pool')
        await insertBookingRequests(pool, requestsFor([...chosen.slice(from), ...chosen.slice(0, from)]))
      }
    })
    // No write is tried again here: a deadlock would be an error.
    await Promise.all(writers)
    const lines = await query(
      `select count(*) as rows, max(seq) as last, min(next) - 1 as given
       from booking_requests join lines using (resource_id) where resource_id = any($1::uuid[]) group by resource_id`,
      [ids],
    )
    expect(lines).toHaveLength(ids.length)
    for (const line of lines) expect(line).toEqual({ rows: line.last, last: line.last, given: line.last })
    await engine.decideWaiting(3)
  })

  /** A node of a plan, as far as this is about it. */
  interface PlanNode {
    readonly 'Node Type': string
    readonly 'Parent Relationship'?: string
    readonly 'Join Type'?: string
    readonly 'Relation Name'?: string
    readonly 'Function Name'?: string
    readonly 'Index Name'?: string
    readonly Alias?: string
    readonly Operation?: string
    readonly Plans?: readonly PlanNode[]
  }

  const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

  async function expectLinesInOrder(pool: pg.Pool, text: string, values: readonly unknown[], plans: string) {
    const client = await pool.connect()
    try {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
        `explain (format json${plans}) ${text}`,
        [...values],
      )
      const plan = rows[0]?.['QUERY PLAN'][0].Plan
      const update = nodesOf(plan ?? { 'Node Type': '' }).find(
        (node) => node.Operation === 'Update' && node['Relation Name'] === 'lines',
      )
      expect(update?.Plans).toHaveLength(1)
      const join = update?.Plans?.[0]
      expect(join).toMatchObject({ 'Node Type': 'Nested Loop', 'Join Type': 'Inner' })
      const [outer, inner] = join?.Plans ?? []
      // Rows come in the order of the array, which nothing sorts or hashes on the way.
      expect(outer).toMatchObject({ 'Node Type': 'Function Scan', 'Parent Relationship': 'Outer', Alias: 'w' })
      expect(inner).toMatchObject({
        'Node Type': 'Index Scan',
        'Parent Relationship': 'Inner',
        'Relation Name': 'lines',
        'Index Name': 'lines_pkey',
      })
    } finally {
      client.release()
    }
  }

  it('looks the lines up one by one, in the order of the sorted ids, however many there are', async () => {
    const ids = await givenNeighbours(3, 250)
    const worker = another()
    const observed = observePool(worker.intake.pool)
    for (const count of [250, 2]) {
      await insertBookingRequests(observed.pool, requestsFor(ids.slice(0, count).toReversed()))
    }
    const [many, few] = observed.statements
    expect(many?.values[0]).toEqual(ids)
    for (const analyzed of [false, true]) {
      // Neither with statistics nor without them is another plan the cheaper one.
      if (analyzed) await query('analyze lines')
      for (const statement of [many, few]) {
        await expectLinesInOrder(worker.intake.pool, statement?.text ?? '', statement?.values ?? [], '')
      }
    }
    // Nor as a generic plan, which a prepared statement gets after its fifth run.
    const generic = openIntakePool(db.url, testLogger)
    try {
      await generic.pool.query('set plan_cache_mode = force_generic_plan')
      await expectLinesInOrder(generic.pool, many?.text ?? '', many?.values ?? [], '')
    } finally {
      await generic.close()
    }
    await engine.decideWaiting(3)
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
    expect(codesOf(outcomesOf(await engine.decideWaiting(3)))).toEqual(['booked'])
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
    expect(codesOf(outcomesOf(await engine.decideWaiting(3)))).toEqual(['booked'])
  })

  it('with another body waits for it, also in another line, and is an error', async () => {
    const { hold, request, otherRequest, first, inserting } = await setUp()
    const second = engine.line.accept(otherRequest)
    await waitForBlocked(db, { by: inserting })
    hold.end('commit')
    await expect(second).rejects.toMatchObject({ code: 'idempotency_key_reused' })
    const { view } = await first
    expect(await requestsWith(request.idempotencyKey)).toEqual([{ id: view.id }])
    await engine.decideWaiting(3)
  })

  it('with another body has the key to itself when the first one comes to nothing', async () => {
    const { hold, otherRequest, first, inserting } = await setUp()
    const second = engine.line.accept(otherRequest)
    await waitForBlocked(db, { by: inserting })
    hold.end('rollback')
    await expect(first).rejects.toThrow('died')
    expect((await second).replayed).toBe(false)
    expect(codesOf(outcomesOf(await engine.decideWaiting(4)))).toEqual(['booked'])
  })
})

describe('a showtime or event', () => {
  it('has its line from the commit that makes it', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const { eventId } = await givenEvent(db.database)
    for (const id of [showtimeId, eventId]) expect(await lineState(id)).toEqual({ watermark: 0, next: 1 })
  })

  it('that does not exist has no line: it is passed over, waited for or not', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const { view } = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    for (const mode of ['wait', 'ifFree'] as const) {
      const nobody = newId()
      expect(await decideNextBatch(engine.deciding, [nobody], mode)).toMatchObject({ lines: [], passedOver: [nobody] })
    }
    const nobody = newId()
    const batch = await decideNextBatch(engine.deciding, [nobody, showtimeId], 'wait')
    expect(batch.passedOver).toEqual([nobody])
    expect(batch.outcomes).toMatchObject([{ id: view.id, state: 'booked' }])
  })
})

describe('the sweep', () => {
  it('decides the other lines while somebody keeps one locked, and that one once it is free', async () => {
    const attempts: string[] = []
    const noteAttempts = (database: Database) =>
      interceptTransactions(database, ({ name, run }) => {
        if (name === 'lock-lines' || name === 'lock-free-lines') attempts.push(name)
        return run()
      })
    const [stuck = '', other = ''] = await givenNeighbours(7, 2)
    const { deciders, sweeper } = openSweeper(another({ wrapDeciding: noteAttempts }))
    const held = await lockOfLine(stuck)
    try {
      for (const id of [stuck, other]) await engine.line.accept(seatsRequest(id, ['A1']))
      await eventually(async () => {
        await sweeper.sweep()
        expect(codesOf(await readOutcomes(db, other))).toEqual(['booked'])
      })
      await waitForBlocked(db, { by: held })
      expect(attempts.at(-1)).toBe('lock-lines')
      // It is waited for once, however often the sweep finds it.
      const before = attempts.length
      for (let again = 0; again < 3; again++) expect(await sweeper.sweep()).toBe(0)
      expect(attempts.slice(before)).toEqual([])
      expect(await lineState(stuck)).toEqual({ watermark: 0, next: 2 })
    } finally {
      await held.release()
    }
    await deciders.settle()
    expect(codesOf(await readOutcomes(db, stuck))).toEqual(['booked'])
  })
})

describe('a sweep that is busy with one line', () => {
  it('keeps no other line waiting, of whatever lane, and does not begin with the same one again', async () => {
    const [slow, ...quick] = await Promise.all([0, 0, 7].map((lane) => givenShowtime(db.database, { lane })))
    const { deciders, sweeper } = openSweeper()
    const held = await lockOfLine(slow?.showtimeId ?? '')
    const sweepOneLine = () =>
      eventually(async () => {
        const noted = await sweeper.sweep()
        if (noted === 0) throw new Error('the sweep leaves it to its job yet')
        expect(noted).toBe(1)
      })
    try {
      await engine.line.accept(seatsRequest(slow?.showtimeId ?? '', ['A1']))
      await sweepOneLine()
      await waitForBlocked(db, { by: held })
      for (const { showtimeId } of quick) {
        await engine.line.accept(seatsRequest(showtimeId, ['A1']))
        await sweepOneLine()
        await eventually(async () => expect(codesOf(await readOutcomes(db, showtimeId))).toEqual(['booked']))
      }
      expect(await lineState(slow?.showtimeId ?? '')).toEqual({ watermark: 0, next: 2 })
    } finally {
      await held.release()
    }
    await deciders.settle()
    expect(codesOf(await readOutcomes(db, slow?.showtimeId ?? ''))).toEqual(['booked'])
  })
})

describe('a sweep that was needed', () => {
  it('takes the next requests sooner, for nobody may be notified of them either', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 6 })
    const { deciders, sweeper } = openSweeper()
    expect(sweeper.patienceMs).toBe(1_000)
    const acceptAndSweep = async (seat: string) => {
      await engine.line.accept(seatsRequest(showtimeId, [seat]))
      await eventually(async () => {
        if ((await sweeper.sweep()) === 0) throw new Error('the sweep leaves it to its job yet')
        await deciders.settle()
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
    sweeper.onJob()
    expect(sweeper.patienceMs, 'once a job has come').toBe(1_000)
  })

  it('stays patient where jobs come, however long the line is', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 6 })
    const { deciders, sweeper } = openSweeper()
    await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    await eventually(async () => {
      sweeper.onJob()
      if ((await sweeper.sweep()) === 0) throw new Error('the sweep leaves it to its job yet')
      await deciders.settle()
    })
    expect(codesOf(await readOutcomes(db, showtimeId))).toEqual(['booked'])
    expect(sweeper.patienceMs).toBe(1_000)
  })
})

describe('a paused line', () => {
  it('takes requests and decides none, and goes on by the sweep when it is resumed', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 5 })
    const worker = { ...engine.deciding, announce: () => {} }
    await query('update resource_state set paused = true where resource_id = $1', [showtimeId])
    for (const seat of ['A1', 'A2', 'A3']) await engine.line.accept(seatsRequest(showtimeId, [seat]))
    for (const mode of ['wait', 'ifFree'] as const) {
      const nothing = { lines: [], paused: [showtimeId], passedOver: [], outcomes: [], versions: {} }
      expect(await decideNextBatch(engine.deciding, [showtimeId], mode)).toEqual(nothing)
    }
    await eventually(async () => {
      const [row] = await query(
        `select bool_and(accepted_at < clock_timestamp() - interval '1.1 s') as old from booking_requests
         where resource_id = $1`,
        [showtimeId],
      )
      if (row?.old !== true) throw new Error('the sweep would leave them to their job')
    })
    expect(await sweepOnce(worker)).toBe(0)
    expect(await lineState(showtimeId)).toEqual({ watermark: 0, next: 4 })

    await query('update resource_state set paused = false where resource_id = $1', [showtimeId])
    expect(await sweepOnce(worker)).toBe(3)
    expect(codesOf(await readOutcomes(db, showtimeId))).toEqual(['booked', 'booked', 'booked'])
  })

  it('is kept in mind by a sweep that has found it, and decided as soon as it is resumed', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 5 })
    const { deciders, sweeper } = openSweeper()
    await sweeper.sweep()
    await query('update resource_state set paused = true where resource_id = $1', [showtimeId])
    await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    await eventually(async () => {
      if ((await sweeper.sweep()) === 0) throw new Error('the sweep leaves it to its job yet')
      await deciders.settle()
    })
    for (let again = 0; again < 3; again++) expect(await sweeper.sweep(), 'while it is paused').toBe(0)
    expect(await lineState(showtimeId)).toEqual({ watermark: 0, next: 2 })
    // Its request is too old by now for the part of the past that sweeps look at.
    await eventually(async () => {
      const [row] = await query(
        `select accepted_at < clock_timestamp() - interval '2.2 s' as old from booking_requests where resource_id = $1`,
        [showtimeId],
      )
      expect(row?.old).toBe(true)
    })
    await sweeper.sweep()

    await query('update resource_state set paused = false where resource_id = $1', [showtimeId])
    expect(await sweeper.sweep()).toBe(1)
    await deciders.settle()
    expect(codesOf(await readOutcomes(db, showtimeId))).toEqual(['booked'])
  })

  it('of a lane in which another one is not: the others are decided in the same batch', async () => {
    const [paused = '', other = ''] = await givenNeighbours(5, 2)
    await query('update resource_state set paused = true where resource_id = $1', [paused])
    for (const id of [paused, other]) await engine.line.accept(seatsRequest(id, ['A1']))
    const batch = await decideNextBatch(engine.deciding, [paused, other], 'wait')
    expect(batch.paused).toEqual([paused])
    expect(batch.lines).toEqual([{ id: other, watermark: 1, decided: 1, left: 0 }])
    expect(codesOf(batch.outcomes)).toEqual(['booked'])
    await query('update resource_state set paused = false where resource_id = $1', [paused])
    await engine.decideWaiting(5)
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
    const batch = await decideNextBatch(engine.deciding, [showtimeId], 'wait')
    expect(batch.outcomes).toHaveLength(2)
    const { watermark, next } = await lineState(showtimeId)
    expect(batch.lines).toEqual([{ id: showtimeId, watermark, decided: 2, left: 0 }])
    expect([watermark, view.seq]).toEqual([next - 1, next - 2])

    // Nothing but a gap is no batch at all, and no decision.
    await engine.line.accept(request)
    expect(await engine.decideWaiting(6)).toMatchObject([
      { outcomes: [], lines: [{ id: showtimeId, watermark: watermark + 1, decided: 0, left: 0 }] },
    ])
    expect((await engine.line.accept(seatsRequest(showtimeId, ['A3']))).view.ahead).toBe(0)
    await engine.decideWaiting(6)
  })

  it(`takes ${MAX_BATCH} at the most: 1,200 requests are decided in order by three`, async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 0, rows: 40, seatsPerRow: 30 })
    const accepted = await Promise.all(
      Array.from({ length: 1_200 }, (_, index) =>
        engine.line.accept(seatsRequest(showtimeId, [`${rowName(Math.floor(index / 30))}${(index % 30) + 1}`])),
      ),
    )
    const batches = await engine.decideWaiting(0)
    expect(batches.map(({ outcomes, lines }) => [outcomes.length, lines.map(({ left }) => left)])).toEqual([
      [500, [700]],
      [500, [200]],
      [200, [0]],
    ])
    expect(batches.map(({ lines }) => lines.map(({ watermark }) => watermark))).toEqual(
      [499, 999, 1_199].map((index) => [accepted[index]?.view.seq]),
    )
    expect(outcomesOf(batches).map(({ id }) => id)).toEqual(accepted.map(({ view }) => view.id))
    expect(new Set(codesOf(outcomesOf(batches)))).toEqual(new Set(['booked']))
  })

  it('of several lines takes of each in order, as much of a long one as there is room for', async () => {
    const ids = await givenNeighbours(0, 3)
    const depths = [600, 10, 1]
    const accepted = await Promise.all(
      ids.map((id, index) =>
        Promise.all(Array.from({ length: depths[index] ?? 0 }, () => engine.line.accept(seatsRequest(id, ['A1'])))),
      ),
    )
    // In the order in which they are named, and not that of their locks.
    const batch = await decideNextBatch(engine.deciding, ids.toReversed(), 'wait')
    expect(batch.lines).toEqual([
      { id: ids[2], watermark: 1, decided: 1, left: 0 },
      { id: ids[1], watermark: 10, decided: 10, left: 0 },
      { id: ids[0], watermark: 489, decided: 489, left: 111 },
    ])
    expect(batch.outcomes.map(({ id }) => id)).toEqual(
      [accepted[2], accepted[1], accepted[0]?.slice(0, 489)].flatMap((line) => line?.map(({ view }) => view.id)),
    )
    const rest = await decideNextBatch(engine.deciding, ids, 'wait')
    expect(rest.outcomes.map(({ id }) => id)).toEqual(accepted[0]?.slice(489).map(({ view }) => view.id))
    for (const id of ids) expect(codesOf(await readOutcomes(db, id)).indexOf('booked')).toBe(0)
  })

  /**
   * Decides the same lines by two workers that name them in opposite orders, while somebody holds the one in the middle, so
   * that both have begun. Returns the states of the errors.
   */
  async function decideTwice(wrap?: (database: Database) => Database): Promise<(string | undefined)[]> {
    const ids = await givenNeighbours(4, 3)
    for (const id of ids) await engine.line.accept(seatsRequest(id, ['A1']))
    const [one, two] = [another(), another(wrap && { wrapDeciding: wrap })]
    const held = await lockOfLine(ids[1] ?? '')
    try {
      const first = decideNextBatch(one.deciding, ids, 'wait')
      await waitForBlocked(db, { by: held })
      const deciding = Promise.allSettled([first, decideNextBatch(two.deciding, ids.toReversed(), 'wait')])
      await waitForBlocked(db, { by: held, count: 2 })
      await held.release()
      return (await deciding).flatMap((result) => (result.status === 'rejected' ? [sqlState(result.reason)] : []))
    } finally {
      await held.release()
      await engine.decideWaiting(4)
      for (const id of ids) expect(codesOf(await readOutcomes(db, id))).toEqual(['booked'])
    }
  }

  it('ends in a deadlock with another one if it locks lines as they come: the control', async () => {
    const asTheyCome = (database: Database) =>
      interceptTransactions(database, ({ name, text, run }) =>
        run(
          name === 'lock-lines'
            ? text.replace('order by s.resource_id', 'order by array_position($1::uuid[], s.resource_id)')
            : text,
        ),
      )
    expect(await decideTwice(asTheyCome)).toEqual(['40P01'])
  })

  it('locks lines in the order of their ids, in whatever order they are decided', async () => {
    expect(await decideTwice()).toEqual([])
  })

  it('decides a request once, even without row locks: what another one has decided meanwhile is not in it', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 4 })
    const { view } = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
    const failure: unknown = await race(db, [showtimeId, showtimeId], unguarded).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(BatchFailedError)
    expect(failure).toMatchObject({
      lines: [showtimeId],
      cause: { message: expect.stringContaining('0 were undecided') },
    })
    expect(await readOutcomes(db, showtimeId)).toMatchObject([{ id: view.id, state: 'booked' }])
    expect(await bookedOf(db, showtimeId)).toEqual({ bookings: 1, places: 1, audited: 1, announced: 1 })
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

  /**
   * Decides one history twice, singly and in one batch, and expects equal outcomes. Each call of `given` must make the
   * same history, on showtimes or events that differ only in their ids.
   */
  async function expectSameDecisions(given: () => Promise<ReturnType<typeof seatsRequest>[]>) {
    const singly: DecidedBatch[] = []
    for (const request of await given()) {
      await engine.line.accept(request)
      singly.push(...(await engine.decideWaiting(0)))
    }
    const requests = await given()
    for (const request of requests) await engine.line.accept(request)
    const together = await engine.decideWaiting(0)
    expect([singly.length, together.length]).toEqual([requests.length, 1])
    expect(outcomesOf(together).map(comparable)).toEqual(outcomesOf(singly).map(comparable))
  }
})

/** Returns an outcome without the values that are drawn, made or measured anew each time. */
function comparable({ state, booking, refusal }: DecidedBatch['outcomes'][number]) {
  const { detail: _detail, ticketTypes, ...reason } = refusal ?? { detail: '' }
  const { reference: _reference, expiresAt: _expiresAt, ...price } = booking ?? { reference: '', expiresAt: null }
  return { state, ...reason, ...price, left: ticketTypes?.map(({ available }) => available) }
}

/** Returns the name of a row: `A` to `Z`, then `AA`, `AB`, … */
const rowName = (index: number): string =>
  index < 26 ? String.fromCharCode(65 + index) : `A${String.fromCharCode(65 + index - 26)}`
