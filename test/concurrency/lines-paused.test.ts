import { describe, expect, it } from 'vitest'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { changeLane, changeLine, type LineAction } from '@boxoffice/core/booking-requests/lines/change-lines.ts'
import { openLifecyclePool } from '@boxoffice/core/db/pools.ts'
import { laneEntityId } from '@boxoffice/core/domain/lane.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest } from '../support/engine.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { testLogger } from '../support/logger.ts'
import { shared } from '../support/shared.ts'
import { openFlood } from './flood.ts'

/*
 * Two API processes and two workers, as far as one process can have them. Only the database says which line is paused
 * or drained, so a command to one of them holds for the others too.
 */

const db = sharedDatabase()
const flood = shared(
  () => openFlood(db),
  (opened) => opened.close(),
)
const admin = shared(
  () => openLifecyclePool(db.url, 2, testLogger),
  (opened) => opened.close(),
)

const BY = { reason: 'a test', actor: 'admin:1', requestId: 'r-1', keyed: null }

/** A showtime, as far as a command for its line needs it. */
interface Show {
  readonly showtimeId: string
  readonly organizerId: string
}

const tell = ({ showtimeId: id, organizerId }: Show, action: LineAction) =>
  changeLine(admin, { ...BY, line: { id, kind: 'showtime', organizerId }, action })

const tellLane = (lane: number, action: LineAction) => changeLane(admin, { ...BY, lane, lanes: TEST_LANES, action })

interface Request {
  readonly id: string
  readonly seq: number
  readonly state: string
  readonly decided: number | null
}

/** Reads the requests for a showtime in the order of their places. */
async function requestsOf(showtimeId: string): Promise<Request[]> {
  const { rows } = await db.database.pool.query<Request>(
    `select q.id, q.seq, q.state, (extract(epoch from q.decided_at) * 1000)::float8 as decided
     from booking_requests q where resource_id = $1 order by seq`,
    [showtimeId],
  )
  return rows
}

async function depthOf(showtimeId: string): Promise<number> {
  const { rows } = await db.database.pool.query<{ depth: number }>(
    'select next - 1 - watermark as depth from resource_state join lines using (resource_id) where resource_id = $1',
    [showtimeId],
  )
  return rows[0]?.depth ?? -1
}

/** Decides the waiting requests, as the sweep of a worker does. */
async function decideWaiting(showtimeId: string): Promise<string[]> {
  const decided: string[] = []
  for (;;) {
    const batch = await decideNextBatch(flood.engines[0].deciding, [showtimeId], 'wait')
    decided.push(...batch.outcomes.map(({ id }) => id))
    if (batch.lines.every(({ left }) => left === 0)) return decided
  }
}

/** Returns one request for each seat of four rows, each by another customer. */
const crowd = (showtimeId: string) =>
  ['A', 'B', 'C', 'D'].flatMap((row) =>
    Array.from({ length: 20 }, (_, seat) => seatsRequest(showtimeId, [`${row}${seat + 1}`])),
  )

describe('a line that is drained while a request waits to be let in', () => {
  it('takes it no more, and has nothing waiting once it says so', async () => {
    const show = await givenShowtime(db.database, { lane: 3 })
    const { showtimeId } = show
    const write = await holdLock(db, 'select from lines where resource_id = $1 for no key update', [showtimeId])
    const accepting = flood.engines[0].line.accept(seatsRequest(showtimeId, ['A1'])).then(
      () => 'accepted',
      (error: unknown) => error,
    )
    await waitForBlocked(db, { by: write })
    const draining = tell(show, 'drain')
    await waitForBlocked(db, { by: write, count: 2 })
    await write.release()
    await draining
    const depth = await depthOf(showtimeId)
    const outcome = await accepting
    // Either may come first: an accepted request counts as waiting, and a refused one is told so.
    if (outcome === 'accepted') expect(depth).toBe(1)
    else expect(outcome).toMatchObject({ code: 'overloaded' })
    await expect(flood.engines[1].line.accept(seatsRequest(showtimeId, ['A2']))).rejects.toMatchObject({
      code: 'overloaded',
      message: expect.stringContaining('no more booking requests are taken'),
    })
    await decideWaiting(showtimeId)
    expect(await requestsOf(showtimeId)).toHaveLength(outcome === 'accepted' ? 1 : 0)
    await tell(show, 'resume')
  })
})

describe('a line that is paused in the middle of a flood', () => {
  it('takes every request, decides none of them, and decides all in their order once it is resumed', async () => {
    const show = await givenShowtime(db.database, { lane: 1, rows: 4, seatsPerRow: 20 })
    const { showtimeId } = show
    const requests = crowd(showtimeId)
    const accepted = flood.engines.flatMap(({ line }, index) =>
      requests.filter((_, at) => at % 2 === index).map((request) => line.accept(request)),
    )
    await accepted[0]
    await tell(show, 'pause')
    const late = await flood.accept(crowd(showtimeId))
    await Promise.all(accepted)
    await flood.settled()

    const waiting = await requestsOf(showtimeId)
    expect(waiting).toHaveLength(160)
    const undecided = waiting.filter(({ state }) => state === 'queued')
    expect(undecided.map(({ id }) => id)).toEqual(expect.arrayContaining(late.map(({ view }) => view.id)))
    expect(await decideWaiting(showtimeId)).toEqual([])

    await tell(show, 'resume')
    expect(await decideWaiting(showtimeId)).toEqual(undecided.map(({ id }) => id))
    const decided = await requestsOf(showtimeId)
    expect(decided.map(({ id, seq }) => [id, seq])).toEqual(waiting.map(({ id, seq }) => [id, seq]))
    const times = decided.map(({ decided: at }) => at ?? Number.NaN)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    // Each seat was asked for twice.
    expect(decided.filter(({ state }) => state === 'booked')).toHaveLength(80)
    expect(decided.filter(({ state }) => state === 'refused')).toHaveLength(80)
    expect(await depthOf(showtimeId)).toBe(0)
  })

  it('finishes the batch in hand before whoever pauses it is answered, and decides nothing after', async () => {
    const show = await givenShowtime(db.database, { lane: 2 })
    const { showtimeId } = show
    const engine = openEngine(db)
    try {
      const { view: first } = await engine.line.accept(seatsRequest(showtimeId, ['A1']))
      const stop = 'select from resource_state where resource_id = $1 for no key update'
      const held = await holdLock(db, stop, [showtimeId])
      const deciding = decideNextBatch(engine.deciding, [showtimeId], 'wait')
      await waitForBlocked(db, { by: held })
      const pausing = tell(show, 'pause')
      await waitForBlocked(db, { by: held, count: 2 })
      const { view: second } = await engine.line.accept(seatsRequest(showtimeId, ['A2']))
      await held.release()
      expect((await deciding).outcomes.map(({ id }) => id)).toEqual([first.id])
      await pausing
      expect(await decideWaiting(showtimeId)).toEqual([])
      expect((await requestsOf(showtimeId)).map(({ state }) => state)).toEqual(['booked', 'queued'])
      await tell(show, 'resume')
      expect(await decideWaiting(showtimeId)).toEqual([second.id])
    } finally {
      await engine.close()
    }
  })
})

describe('a line that is drained', () => {
  it('refuses what is new in every process at once, decides what waits, and takes requests again when resumed', async () => {
    const show = await givenShowtime(db.database, { lane: 3, rows: 4, seatsPerRow: 20 })
    const { showtimeId } = show
    await tell(show, 'pause')
    const before = await flood.accept(crowd(showtimeId))
    expect(await depthOf(showtimeId)).toBe(80)

    await tell(show, 'drain')
    for (const { line } of flood.engines) {
      const refusal: unknown = await line.accept(seatsRequest(showtimeId, ['A1'])).catch((error: unknown) => error)
      expect(refusal).toMatchObject({ code: 'overloaded' })
      expect(refusal).toMatchObject({ retryAfterSeconds: 5 })
    }
    expect(await decideWaiting(showtimeId)).toEqual(
      before
        .map(({ view }) => view)
        .toSorted((a, b) => a.seq - b.seq)
        .map(({ id }) => id),
    )
    expect(await depthOf(showtimeId)).toBe(0)
    expect(await requestsOf(showtimeId)).toHaveLength(80)

    await tell(show, 'resume')
    const again = crowd(showtimeId).slice(0, 2)
    // A process' knowledge of a drained line is at most a quarter of a second old.
    for (const [index, { line }] of flood.engines.entries()) {
      const request = again[index]
      if (request !== undefined) expect((await line.accept(request)).view.state).toBe('queued')
    }
    await flood.settled()
    expect(await depthOf(showtimeId)).toBe(0)
    expect((await requestsOf(showtimeId)).filter(({ state }) => state === 'refused')).toHaveLength(2)
  })

  it('loses none that were on their way: each is refused or decided', async () => {
    const show = await givenShowtime(db.database, { lane: 4, rows: 4, seatsPerRow: 20 })
    const { showtimeId } = show
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
    await tell(show, 'drain')
    const late = flood.engines.map(({ line }) => line.accept(seatsRequest(showtimeId, ['A1'])))
    for (const { status } of await Promise.allSettled(late)) expect(status).toBe('rejected')
    const accepted = (await Promise.all(results)).filter((id) => id !== null)
    await flood.settled()
    await decideWaiting(showtimeId)
    const rows = await requestsOf(showtimeId)
    expect(rows.map(({ id }) => id).toSorted()).toEqual(accepted.toSorted())
    expect(rows.filter(({ state }) => state === 'queued')).toEqual([])
    await tell(show, 'resume')
  })

  it('still answers for a request that it has accepted before, under its key', async () => {
    const show = await givenShowtime(db.database, { lane: 5 })
    const { showtimeId } = show
    const request = seatsRequest(showtimeId, ['A1'], { owner: 'returning', idempotencyKey: 'order-1' })
    const [first] = await flood.accept([request])
    await tell(show, 'drain')
    await expect(flood.engines[1].line.accept(seatsRequest(showtimeId, ['A2']))).rejects.toMatchObject({
      code: 'overloaded',
    })
    for (const { line } of flood.engines) {
      expect(await line.accept(request)).toMatchObject({
        replayed: true,
        view: { id: first?.view.id, state: 'booked' },
      })
    }
    await tell(show, 'resume')
  })
})

/** Reads what the audit has of a showtime, an event or a lane, and what was announced of it, from its first command on. */
async function toldOf(entityId: string) {
  const { rows: audited } = await db.database.pool.query(
    `select actor, action, entity, organizer_id, before, after, request_id from audit
     where entity_id = $1 and action ~ 'paused|draining|resumed' order by at, id`,
    [entityId],
  )
  const { rows: announced } = await db.database.pool.query<{ type: string }>(
    `select type from outbox where entity_id = $1 and type ~ 'paused|draining|resumed' order by at, id`,
    [entityId],
  )
  return { audited, announced: announced.map(({ type }) => type) }
}

const flags = (paused: boolean, draining: boolean) => ({ paused, draining })
const reason = 'a test'

describe('a command for a line', () => {
  it('is said in the audit and announced, once, with the reason and nobody but who did it', async () => {
    const show = await givenShowtime(db.database, { lane: 6 })
    for (const action of ['pause', 'pause', 'drain', 'resume', 'resume'] as const) await tell(show, action)
    const row = { actor: 'admin:1', entity: 'showtime', organizer_id: show.organizerId, request_id: 'r-1' }
    expect(await toldOf(show.showtimeId)).toEqual({
      audited: [
        { ...row, action: 'showtime.paused', before: flags(false, false), after: { ...flags(true, false), reason } },
        { ...row, action: 'showtime.draining', before: flags(true, false), after: { ...flags(false, true), reason } },
        { ...row, action: 'showtime.resumed', before: flags(false, true), after: { ...flags(false, false), reason } },
      ],
      announced: ['showtime.paused', 'showtime.draining', 'showtime.resumed'],
    })
  })

  it('leaves its neighbours of the same lane alone', async () => {
    const [show, neighbour] = [
      await givenShowtime(db.database, { lane: 6 }),
      await givenShowtime(db.database, { lane: 6 }),
    ]
    for (const { showtimeId } of [show, neighbour]) await flood.engines[0].line.accept(seatsRequest(showtimeId, ['A1']))
    await flood.settled()
    await tell(show, 'pause')
    await flood.accept([show, neighbour].map(({ showtimeId }) => seatsRequest(showtimeId, ['A2'])))
    expect((await requestsOf(show.showtimeId)).map(({ state }) => state)).toEqual(['booked', 'queued'])
    expect((await requestsOf(neighbour.showtimeId)).map(({ state }) => state)).toEqual(['booked', 'booked'])
    await tell(show, 'drain')
    await expect(flood.engines[1].line.accept(seatsRequest(show.showtimeId, ['A3']))).rejects.toMatchObject({
      code: 'overloaded',
    })
    await flood.accept([seatsRequest(neighbour.showtimeId, ['A3'])])
    expect((await requestsOf(neighbour.showtimeId)).map(({ state }) => state)).toEqual(['booked', 'booked', 'booked'])
    // In one write with a line that is drained, others are let in all the same.
    const [refused, ...taken] = await Promise.allSettled(
      [show, neighbour, neighbour].map(({ showtimeId }, index) =>
        flood.engines[0].line.accept(seatsRequest(showtimeId, [`B${index + 1}`])),
      ),
    )
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'overloaded' } })
    expect(taken.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    await flood.settled()
    expect(await depthOf(neighbour.showtimeId)).toBe(0)
    await tell(show, 'resume')
    expect(await toldOf(neighbour.showtimeId)).toEqual({ audited: [], announced: [] })
  })
})

describe('a command for a lane', () => {
  it('changes every line of it whose show is not closed, and none of another lane', async () => {
    const lane = 7
    const [first, second, elsewhere, closed] = await Promise.all([
      givenShowtime(db.database, { lane }),
      givenShowtime(db.database, { lane }),
      givenShowtime(db.database, { lane: 0 }),
      givenShowtime(db.database, { lane }),
    ])
    const event = await givenEvent(db.database, { lane })
    await db.database.pool.query('update resource_state set closed_at = now() where resource_id = $1', [
      closed.showtimeId,
    ])
    // One of them is paused already: of that nothing is said again.
    await tell(second, 'pause')
    const flagsOf = async (ids: readonly string[]) => {
      const { rows } = await db.database.pool.query<{ paused: boolean; draining: boolean }>(
        `select paused, draining from unnest($1::uuid[]) with ordinality as w(resource_id, place)
         join resource_state using (resource_id) join lines using (resource_id) order by place`,
        [ids],
      )
      return rows
    }
    const open = [first.showtimeId, second.showtimeId, event.eventId]
    const others = [elsewhere.showtimeId, closed.showtimeId]
    for (const [action, becomes] of [
      ['pause', flags(true, false)],
      ['pause', flags(true, false)],
      ['drain', flags(false, true)],
      ['resume', flags(false, false)],
    ] as const) {
      await tellLane(lane, action)
      expect(await flagsOf(open)).toEqual(open.map(() => becomes))
      expect(await flagsOf(others)).toEqual(others.map(() => flags(false, false)))
    }
    const row = { actor: 'admin:1', entity: 'lane', organizer_id: null, request_id: 'r-1', before: null }
    const after = (changed: number) => ({ lane, lines: 3, changed, reason })
    expect(await toldOf(laneEntityId(lane))).toEqual({
      audited: [
        { ...row, action: 'lane.paused', after: after(2) },
        { ...row, action: 'lane.paused', after: after(0) },
        { ...row, action: 'lane.draining', after: after(3) },
        { ...row, action: 'lane.resumed', after: after(3) },
      ],
      announced: [],
    })
    for (const { showtimeId } of [first, second]) {
      const types = ['showtime.paused', 'showtime.draining', 'showtime.resumed']
      expect((await toldOf(showtimeId)).announced).toEqual(types)
    }
    expect((await toldOf(event.eventId)).announced).toEqual(['event.paused', 'event.draining', 'event.resumed'])
    for (const id of others) expect(await toldOf(id)).toEqual({ audited: [], announced: [] })
  })

  it('amid a flood of its lines stops all of them, loses none, and never waits in a circle', async () => {
    const lane = 4
    const shows = await Promise.all(
      Array.from({ length: 6 }, () => givenShowtime(db.database, { lane, rows: 4, seatsPerRow: 20 })),
    )
    const accepted = flood.engines.flatMap(({ line }, index) =>
      shows.flatMap(({ showtimeId }) =>
        crowd(showtimeId)
          .filter((_, at) => at % 2 === index)
          .map((request) => line.accept(request)),
      ),
    )
    await accepted[0]
    await tellLane(lane, 'pause')
    const undecided = async () =>
      (await Promise.all(shows.map(({ showtimeId }) => requestsOf(showtimeId))))
        .flat()
        .filter(({ state }) => state === 'queued')
    await Promise.all(accepted)
    await flood.settled()
    const before = await undecided()
    const late = await flood.accept(shows.map(({ showtimeId }) => seatsRequest(showtimeId, ['A1'])))
    expect(new Set((await undecided()).map(({ id }) => id))).toEqual(
      new Set([...before.map(({ id }) => id), ...late.map(({ view }) => view.id)]),
    )
    await tellLane(lane, 'resume')
    for (const { showtimeId } of shows) {
      await decideWaiting(showtimeId)
      const rows = await requestsOf(showtimeId)
      expect(rows).toHaveLength(81)
      expect(rows.map(({ seq }) => seq)).toEqual(rows.map((_, index) => index + 1))
      const times = rows.map(({ decided: at }) => at ?? Number.NaN)
      expect(times).toEqual(times.toSorted((a, b) => a - b))
      expect(rows.filter(({ state }) => state === 'booked')).toHaveLength(80)
    }
  })

  it('for a lane that does not exist is not found', async () => {
    await expect(tellLane(TEST_LANES, 'pause')).rejects.toMatchObject({ code: 'not_found' })
  })
})
