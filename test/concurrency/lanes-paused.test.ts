import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import { laneEntityId } from '@boxoffice/core/domain/lane.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { changeLane, type LaneAction } from '@boxoffice/core/booking-requests/lanes/change-lane.ts'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lane.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, silent } from '../support/engine.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { type Flood, openFlood } from './flood.ts'

/*
 * Two API processes and two workers, as far as one process can have them. Nothing but the database says which lane is
 * paused or drained, so what one of them is told holds for the others too.
 */
let db: TestDatabase
let flood: Flood
let admin: Database

beforeAll(async () => {
  db = await createTestDatabase()
  flood = openFlood(db)
  admin = openLifecyclePool(db.url, 2, silent)
})

afterAll(async () => {
  await flood.close()
  await admin.close()
  await db.drop()
})

const tell = (lane: number, action: LaneAction) =>
  changeLane(admin, { lane, action, reason: 'a test', actor: 'admin:1', requestId: 'r-1', keyed: null })

interface Request {
  readonly id: string
  readonly seq: number
  readonly state: string
  readonly decided: number | null
}

/** The requests of a showtime in the order of their places. */
async function requestsOf(showtimeId: string): Promise<Request[]> {
  const { rows } = await db.database.pool.query<Request>(
    `select q.id, q.seq, q.state, (extract(epoch from q.decided_at) * 1000)::float8 as decided
     from booking_requests q where resource_id = $1 order by seq`,
    [showtimeId],
  )
  return rows
}

async function depthOf(lane: number): Promise<number> {
  const { rows } = await db.database.pool.query<{ depth: number }>(
    'select i.next - 1 - l.watermark as depth from lanes l join lane_intake i on i.lane = l.id where l.id = $1',
    [lane],
  )
  return rows[0]?.depth ?? -1
}

/** Decides what waits, as the sweep of a worker does. */
async function drain(lane: number): Promise<string[]> {
  const decided: string[] = []
  for (;;) {
    const batch = await decideNextBatch(flood.engines[0].deciding, lane, 'wait')
    if (batch === null) return decided
    decided.push(...batch.outcomes.map(({ id }) => id))
    if (!batch.full) return decided
  }
}

/** One request for each seat of four rows, each by another customer. */
const crowd = (showtimeId: string) =>
  ['A', 'B', 'C', 'D'].flatMap((row) =>
    Array.from({ length: 20 }, (_, seat) => seatsRequest(showtimeId, [`${row}${seat + 1}`])),
  )

describe('a lane that is drained while a request waits to be let in', () => {
  it('takes it no more, and has nothing waiting once it says so', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 3 })
    const write = await holdLock(db, 'select from lane_intake where lane = 3 for no key update')
    const accepting = flood.engines[0].line.accept(seatsRequest(showtimeId, ['A1'])).then(
      () => 'accepted',
      (error: unknown) => error,
    )
    await waitForBlocked(db, { by: write })
    const draining = tell(3, 'drain')
    await waitForBlocked(db, { by: write, count: 2 })
    await write.release()
    await draining
    const depth = await depthOf(3)
    const outcome = await accepting
    // Whoever came first: what was accepted counts as waiting, and what was not is told so.
    if (outcome === 'accepted') expect(depth).toBe(1)
    else expect(outcome).toMatchObject({ code: 'overloaded' })
    await expect(flood.engines[1].line.accept(seatsRequest(showtimeId, ['A2']))).rejects.toThrow('being drained')
    await drain(3)
    expect(await requestsOf(showtimeId)).toHaveLength(outcome === 'accepted' ? 1 : 0)
    await tell(3, 'resume')
  })
})

describe('a lane that is paused in the middle of a flood', () => {
  it('takes every request, decides none of them, and decides all in their order once it is resumed', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 1, rows: 4, seatsPerRow: 20 })
    const requests = crowd(showtimeId)
    const accepted = flood.engines.flatMap(({ line }, index) =>
      requests.filter((_, at) => at % 2 === index).map((request) => line.accept(request)),
    )
    await accepted[0]
    await tell(1, 'pause')
    const late = await flood.accept(crowd(showtimeId))
    await Promise.all(accepted)
    await flood.settled()

    const waiting = await requestsOf(showtimeId)
    expect(waiting).toHaveLength(160)
    const undecided = waiting.filter(({ state }) => state === 'queued')
    expect(undecided.map(({ id }) => id)).toEqual(expect.arrayContaining(late.map(({ view }) => view.id)))
    expect(await drain(1)).toEqual([])

    await tell(1, 'resume')
    expect(await drain(1)).toEqual(undecided.map(({ id }) => id))
    const decided = await requestsOf(showtimeId)
    expect(decided.map(({ id, seq }) => [id, seq])).toEqual(waiting.map(({ id, seq }) => [id, seq]))
    const times = decided.map(({ decided: at }) => at ?? Number.NaN)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    // Each seat was asked for twice.
    expect(decided.filter(({ state }) => state === 'booked')).toHaveLength(80)
    expect(decided.filter(({ state }) => state === 'refused')).toHaveLength(80)
    expect(await depthOf(1)).toBe(0)
  })

  it('finishes the batch in hand before whoever pauses it is answered, and decides nothing after', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 2 })
    const engine = openEngine(db)
    try {
      const { view: first } = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
      const stop = 'select from resource_state where resource_id = $1 for no key update'
      const held = await holdLock(db, stop, [showtimeId])
      const deciding = decideNextBatch(engine.deciding, 2, 'wait')
      await waitForBlocked(db, { by: held })
      const pausing = tell(2, 'pause')
      await waitForBlocked(db, { by: held, count: 2 })
      const { view: second } = await engine.line.accept(seatsRequest(showtimeId, ['A2']))
      await held.release()
      expect((await deciding)?.outcomes.map(({ id }) => id)).toEqual([first.id])
      await pausing
      expect(await drain(2)).toEqual([])
      expect((await requestsOf(showtimeId)).map(({ state }) => state)).toEqual(['booked', 'queued'])
      await tell(2, 'resume')
      expect(await drain(2)).toEqual([second.id])
    } finally {
      await engine.close()
    }
  })
})

describe('a lane that is drained', () => {
  it('refuses what is new in every process at once, decides what waits, and takes requests again when resumed', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 3, rows: 4, seatsPerRow: 20 })
    await tell(3, 'pause')
    const before = await flood.accept(crowd(showtimeId))
    expect(await depthOf(3)).toBe(80)

    await tell(3, 'drain')
    for (const { line } of flood.engines) {
      const refusal: unknown = await line.accept(seatsRequest(showtimeId, ['A1'])).catch((error: unknown) => error)
      expect(refusal).toMatchObject({ code: 'overloaded' })
      expect(refusal).toMatchObject({ retryAfterSeconds: 5 })
    }
    expect(await drain(3)).toEqual(
      before
        .map(({ view }) => view)
        .toSorted((a, b) => a.seq - b.seq)
        .map(({ id }) => id),
    )
    expect(await depthOf(3)).toBe(0)
    expect(await requestsOf(showtimeId)).toHaveLength(80)

    await tell(3, 'resume')
    const again = crowd(showtimeId).slice(0, 2)
    // What a process knows of a lane that is drained is at most a quarter of a second old.
    for (const [index, { line }] of flood.engines.entries()) {
      const request = again[index]
      if (request !== undefined) expect((await line.accept(request)).view.state).toBe('queued')
    }
    await flood.settled()
    expect(await depthOf(3)).toBe(0)
    expect((await requestsOf(showtimeId)).filter(({ state }) => state === 'refused')).toHaveLength(2)
  })

  it('loses none that were on their way: each is refused or decided', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 4, rows: 4, seatsPerRow: 20 })
    const results = flood.engines.flatMap(({ line }, index) =>
      crowd(showtimeId)
        .filter((_, at) => at % 2 === index)
        .map((request) =>
          line.accept(request).then(
            ({ view }) => view.id,
            (error: unknown) => {
              if (isProblem(error, 'overloaded')) return null
              throw error
            },
          ),
        ),
    )
    await tell(4, 'drain')
    const late = flood.engines.map(({ line }) => line.accept(seatsRequest(showtimeId, ['A1'])))
    for (const { status } of await Promise.allSettled(late)) expect(status).toBe('rejected')
    const accepted = (await Promise.all(results)).filter((id) => id !== null)
    await flood.settled()
    await drain(4)
    const rows = await requestsOf(showtimeId)
    expect(rows.map(({ id }) => id).toSorted()).toEqual(accepted.toSorted())
    expect(rows.filter(({ state }) => state === 'queued')).toEqual([])
    await tell(4, 'resume')
  })

  it('still answers for a request that it has accepted before, under its key', async () => {
    const { showtimeId } = await givenShowtime(db.database, { lane: 5 })
    const request = seatsRequest(showtimeId, ['A1'], { owner: 'returning', idempotencyKey: 'order-1' })
    const [first] = await flood.accept([request])
    await tell(5, 'drain')
    await expect(flood.engines[1].line.accept(seatsRequest(showtimeId, ['A2']))).rejects.toMatchObject({
      code: 'overloaded',
    })
    for (const { line } of flood.engines) {
      expect(await line.accept(request)).toMatchObject({
        replayed: true,
        view: { id: first?.view.id, state: 'booked' },
      })
    }
    await tell(5, 'resume')
  })

  it('is said in the audit, once, with the reason and nobody but who did it', async () => {
    for (const action of ['pause', 'pause', 'drain', 'resume', 'resume'] as const) await tell(6, action)
    const { rows } = await db.database.pool.query(
      'select actor, action, entity, organizer_id, before, after, request_id from audit where entity_id = $1 order by at',
      [laneEntityId(6)],
    )
    const row = { actor: 'admin:1', entity: 'lane', organizer_id: null, request_id: 'r-1' }
    const flags = (paused: boolean, draining: boolean) => ({ lane: 6, paused, draining })
    const reason = 'a test'
    expect(rows).toEqual([
      { ...row, action: 'lane.paused', before: flags(false, false), after: { ...flags(true, false), reason } },
      { ...row, action: 'lane.draining', before: flags(true, false), after: { ...flags(false, true), reason } },
      { ...row, action: 'lane.resumed', before: flags(false, true), after: { ...flags(false, false), reason } },
    ])
  })
})
