import { Seatings } from '@boxoffice/core/inventory/seatings.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { BatchSizes } from '@boxoffice/core/booking-requests/deciding/batch-sizes.ts'
import { Deciders } from '@boxoffice/core/booking-requests/deciding/deciders.ts'
import { LineSweeper } from '@boxoffice/core/booking-requests/deciding/sweep-lines.ts'
import { openDecidingPool } from '@boxoffice/core/db/pools.ts'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import { laneFor } from '@boxoffice/core/domain/lane.ts'
import type { DecideJob, ReceivedDecideJob, Signal } from '@boxoffice/core/queue/payloads.ts'
import { randomBytes } from '@boxoffice/core/runtime/random-bytes.ts'
import { LaneWorkers } from '../../apps/worker/src/queue/lane-workers.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { testLogger } from '../support/logger.ts'
import { readOutcomes } from './races.ts'

/*
 * Processes that were started with other numbers of lanes, as they are while the setting is being changed. A lane only
 * carries jobs: it is the line's row that keeps order.
 */

const MOST_LANES = 8
const db = sharedDatabase()
const closing: (() => Promise<unknown>)[] = []
afterEach(() => Promise.all(closing.splice(0).map((close) => close())))

/** Opens a worker, which consumes the jobs of all queues that there are. */
function openWorker(announce: (signal: Signal) => void) {
  const database = openDecidingPool(db.url, testLogger)
  const dependencies = {
    database,
    logger: testLogger,
    announce,
    drawReference: () => drawReference(randomBytes),
    sizes: new BatchSizes(),
    seatings: new Seatings(),
  }
  const deciders = new Deciders(dependencies)
  const sweeper = new LineSweeper(dependencies, deciders)
  const handlers = new Map<number, (job: ReceivedDecideJob) => Promise<unknown>>()
  const consumers = new LaneWorkers(
    {
      work: (lane, handle) => {
        handlers.set(lane, handle)
        return { close: () => Promise.resolve() }
      },
    },
    { database, deciders, onJob: () => sweeper.onJob() },
  )
  consumers.consume(Array.from({ length: MOST_LANES }, (_, lane) => lane))
  const decided = new Map<string, number>()
  deciders.listen({
    onDecided: (line, requests) => void decided.set(line, (decided.get(line) ?? 0) + requests),
    onDropped: () => undefined,
  })
  closing.push(async () => {
    await deciders.settle()
    await database.close()
  })
  return { deciders, sweeper, handlers, decided }
}

/** Opens two API processes and two workers, one of each with three lanes and one with eight, on one transport. */
function openTwoNumbers({ losesJobs = (_job: DecideJob): boolean => false } = {}) {
  const announce = (signal: Signal) => {
    for (const { line } of engines) line.onSignal(signal)
  }
  const workers = [openWorker(announce), openWorker(announce)] as const
  const underWay = new Set<Promise<unknown>>()
  const failures: unknown[] = []
  const lanesOf = [new Set<number>(), new Set<number>()] as const
  let jobs = 0
  const engines = ([3, MOST_LANES] as const).map((lanes, index) =>
    openEngine(db, {
      lanes,
      onNotify: (job, lane) => {
        lanesOf[index === 0 ? 0 : 1].add(lane)
        if (losesJobs(job)) return
        // A job of a lane goes to whichever worker is quicker.
        const handle = workers[jobs++ % 2 === 0 ? 0 : 1].handlers.get(lane)
        const answered = Promise.resolve(handle?.(job))
          .catch((error: unknown) => failures.push(error))
          .finally(() => underWay.delete(answered))
        underWay.add(answered)
      },
    }),
  )
  const [three, eight] = engines
  if (three === undefined || eight === undefined) throw new Error('no engines')
  closing.push(() => Promise.all(engines.map((engine) => engine.close())))
  return {
    apis: [three, eight] as const,
    workers,
    lanesOf,
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay)
      for (const { deciders } of workers) await deciders.settle()
      expect(failures).toEqual([])
    },
  }
}

type TwoNumbers = ReturnType<typeof openTwoNumbers>

async function givenShows() {
  const shows = await Promise.all(
    Array.from({ length: 12 }, (_, index) => givenShowtime(db.database, { lane: index % MOST_LANES, rows: 2 })),
  )
  return shows.map(({ showtimeId, seats }) => ({ showtimeId, seats }))
}

/**
 * Asks for each seat of each show twice, the second time once the first is answered and through the other process. Returns
 * the ids of those that were answered first.
 */
async function askTwice({ apis: [three, eight] }: TwoNumbers, shows: Awaited<ReturnType<typeof givenShows>>) {
  const places = shows.flatMap(({ showtimeId, seats }) => seats.map((seat) => ({ showtimeId, seat })))
  const firsts = new Map<string, string>()
  const customers = Array.from({ length: 24 }, async (_, customer) => {
    for (let at = customer; at < places.length; at += 24) {
      const { showtimeId = '', seat = '' } = places[(at * 7) % places.length] ?? {}
      const [one, other] = at % 2 === 0 ? [three, eight] : [eight, three]
      firsts.set(showtimeId + JSON.stringify(seat), (await one.line.accept(seatsRequest(showtimeId, [seat]))).view.id)
      await other.line.accept(seatsRequest(showtimeId, [seat]))
    }
  })
  await Promise.all(customers)
  return firsts
}

/** Has each worker decide one request of the same line, each asked once the one before is decided. Returns the line's id. */
async function expectBothDecide({ apis, workers }: TwoNumbers) {
  const { showtimeId, seats } = await givenShowtime(db.database)
  const parts = () => workers.map(({ decided }) => decided.get(showtimeId) ?? 0)
  await apis[0].line.accept(seatsRequest(showtimeId, seats.slice(0, 1)))
  await eventually(() => expect(parts()).toEqual([1, 0]))
  await apis[1].line.accept(seatsRequest(showtimeId, seats.slice(1, 2)))
  await eventually(() => expect(parts()).toEqual([1, 1]))
  return showtimeId
}

/** Expects that each line is decided to its end, in order, and that whoever was answered first has the seat. */
async function expectInOrder(shows: Awaited<ReturnType<typeof givenShows>>, firsts: ReadonlyMap<string, string>) {
  for (const { showtimeId, seats } of shows) {
    const outcomes = await readOutcomes(db, showtimeId)
    expect(outcomes.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 * seats.length }, (_, index) => index + 1))
    for (const { id, payload, state } of outcomes) {
      const isFirst = firsts.get(showtimeId + JSON.stringify(payload.seats?.[0])) === id
      expect({ id, state }).toEqual({ id, state: isFirst ? 'booked' : 'refused' })
    }
    const { rows } = await db.database.pool.query<{ isOrdered: boolean; watermark: number; next: number }>(
      `select watermark, next,
         (select bool_and(at >= before) from (
            select decided_at as at, lag(decided_at, 1, decided_at) over (order by seq) as before
            from booking_requests where resource_id = $1) times) as "isOrdered"
       from resource_state join lines using (resource_id) where resource_id = $1`,
      [showtimeId],
    )
    expect(rows).toEqual([{ isOrdered: true, watermark: 2 * seats.length, next: 2 * seats.length + 1 }])
  }
}

describe('processes with three lanes and with eight, side by side', () => {
  it('decide every request once and keep the order of each line, whichever of them has a job', async () => {
    const shows = await givenShows()
    const two = openTwoNumbers()
    const ofBoth = await expectBothDecide(two)
    const firsts = await askTwice(two, shows)
    await two.settled()
    await expectInOrder(shows, firsts)

    const ids = shows.map(({ showtimeId }) => showtimeId)
    const [three, eight] = two.lanesOf
    expect(new Set(three)).toEqual(new Set([0, 1, 2]))
    expect(new Set(eight)).toEqual(new Set([ofBoth, ...ids].map((id) => laneFor(id, MOST_LANES))))
    const [one, other] = two.workers
    const all = ids.map((id) => (one.decided.get(id) ?? 0) + (other.decided.get(id) ?? 0))
    expect(all).toEqual(shows.map(({ seats }) => 2 * seats.length))
  })

  it('lose nothing where jobs are lost: either sweeps what the other was told of', async () => {
    const shows = await givenShows()
    let jobs = 0
    const two = openTwoNumbers({ losesJobs: () => jobs++ % 3 !== 0 })
    const firsts = await askTwice(two, shows)
    await two.settled()
    await eventually(
      async () => {
        for (const { sweeper } of two.workers) await sweeper.sweep()
        await two.settled()
        for (const { showtimeId } of shows) await readOutcomes(db, showtimeId)
      },
      { withinMs: 10_000, everyMs: 50 },
    )
    await expectInOrder(shows, firsts)
  })
})
