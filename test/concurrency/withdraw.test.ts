import { describe, expect, it } from 'vitest'
import { BatchFailedError, decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { withdrawRequest } from '@boxoffice/core/booking-requests/refuse-request.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { narrow } from '@boxoffice/core/queue/postgres-transport.ts'
import { receiveSignal } from '@boxoffice/core/queue/receive-signal.ts'
import type { Signal } from '@boxoffice/core/queue/payloads.ts'
import { AwaitedOutcomes } from '@boxoffice/core/limits/awaited-outcomes.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, sharedEngine } from '../support/engine.ts'
import { eventually } from '../support/eventually.ts'
import { holdBefore, withoutRowLocks } from '../support/intercepted-database.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { testLogger } from '../support/logger.ts'

const db = sharedDatabase()
const engine = sharedEngine(db)

/** Puts a request for a seat of a new showtime into its line. */
async function givenWaiting() {
  const { showtimeId, seats } = await givenShowtime(db.database)
  const accepted = await engine.line.accept(seatsRequest(showtimeId, seats.slice(0, 1)))
  return { showtimeId, id: accepted.view.id, accepted }
}

const withdraw = (id: string, database: Database = db.database, announce: (signal: Signal) => void = () => {}) =>
  withdrawRequest({ database, announce }, id)

const outcomeOf = async (id: string) => {
  const view = (await engine.line.find(id))?.view
  return view?.refusal?.code ?? view?.state
}

/** Returns what became of the places and records of a request: one outcome has one record, and holds a seat or none. */
async function tracesOf(id: string, showtimeId: string) {
  const { rows } = await db.database.pool.query<{ held: number; bookings: number; refusals: number }>(
    `select (select count(*)::int from seat_allocations where showtime_id = $2) as held,
       (select count(*)::int from bookings where request_id = $1) as bookings,
       (select count(*)::int from audit where entity_id = $1 and action = 'booking_request.refused') as refusals`,
    [id, showtimeId],
  )
  return rows[0]
}

describe('withdrawing while the line is decided', () => {
  it('control: without the lock it comes between a batch that was read and its writing, which then fails', async () => {
    const { showtimeId, id } = await givenWaiting()
    const hold = holdBefore('write-decisions')
    const worker = openEngine(db, { wrapDeciding: (database) => hold.wrap(database) })
    try {
      const deciding = decideNextBatch(worker.deciding, [showtimeId], 'wait')
      await hold.reached
      // Its own write of the line's row would wait as well, so that is left out, too.
      await db.database.pool.query(
        `update booking_requests set state = 'refused', decided_at = now(), refusal = '{"code": "withdrawn"}' where id = $1`,
        [id],
      )
      hold.release()
      await expect(deciding).rejects.toThrow(BatchFailedError)
    } finally {
      hold.release()
      await worker.close()
    }
  })

  it('control: without the lock it finds out too late that the request is booked', async () => {
    const { showtimeId, id } = await givenWaiting()
    const hold = holdBefore('write-decisions')
    const unlocked = db.open({ name: 'unlocked', max: 1 })
    try {
      const withdrawing = withdraw(id, hold.wrap(withoutRowLocks(unlocked)))
      await hold.reached
      await decideNextBatch(engine.deciding, [showtimeId], 'wait')
      hold.release()
      // A guard of the database keeps the line from going back.
      await expect(withdrawing).rejects.toThrow('resource_state')
      expect(await outcomeOf(id)).toBe('booked')
    } finally {
      hold.release()
      await unlocked.close()
    }
  })

  it.each(['withdrawing', 'deciding'] as const)('has one outcome where %s comes first', async (first) => {
    const { showtimeId, id } = await givenWaiting()
    const lock = await holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [showtimeId])
    const begin = {
      withdrawing: () =>
        withdraw(id).then(
          () => 'withdrawn',
          (error: { code?: string }) => error.code,
        ),
      deciding: () => decideNextBatch(engine.deciding, [showtimeId], 'wait'),
    }
    const one = begin[first]()
    await waitForBlocked(db, { by: lock })
    const two = begin[first === 'deciding' ? 'withdrawing' : 'deciding']()
    await waitForBlocked(db, { by: lock, count: 2 })
    await lock.release()
    const [left, right] = await Promise.all([one, two])
    const answered = typeof left === 'string' ? left : right
    if (first === 'withdrawing') {
      expect(answered).toBe('withdrawn')
      expect(await outcomeOf(id)).toBe('withdrawn')
      expect(await tracesOf(id, showtimeId)).toEqual({ held: 0, bookings: 0, refusals: 1 })
    } else {
      expect(answered).toBe('already_decided')
      expect(await outcomeOf(id)).toBe('booked')
      expect(await tracesOf(id, showtimeId)).toEqual({ held: 1, bookings: 1, refusals: 0 })
    }
  })

  it('is done once by two who withdraw the same request at once', async () => {
    const { showtimeId, id } = await givenWaiting()
    const announced: Signal[] = []
    const both = [0, 1].map(() => withdraw(id, db.database, (signal) => announced.push(signal)))
    await expect(Promise.all(both)).resolves.toHaveLength(2)
    expect(announced).toHaveLength(1)
    expect(await tracesOf(id, showtimeId)).toEqual({ held: 0, bookings: 0, refusals: 1 })
  })
})

describe('the signal of a withdrawal', () => {
  it.each([
    ['with its outcome', (signal: Signal) => [signal]],
    // As it comes through NOTIFY, which has no room for outcomes.
    ['without', (signal: Signal) => narrow(signal).flatMap((text) => receiveSignal(text, testLogger) ?? [])],
  ])('ends whoever waits, although the line is not there yet: %s', async (_, carried) => {
    const { id, accepted } = await givenWaiting()
    const limits = new AwaitedOutcomes({ pool: db.database.pool, logger: testLogger })
    const heard: string[] = []
    limits.await(accepted, (request) => heard.push(request.state))
    const waiting = engine.line.outcome(accepted, 10_000, new AbortController().signal)
    await withdraw(id, db.database, (signal) => {
      for (const one of carried(signal)) {
        engine.line.onSignal(one)
        limits.onSignal(one)
      }
    })
    await expect(waiting).resolves.toMatchObject({ view: { state: 'refused', refusal: { code: 'withdrawn' } } })
    await eventually(() => {
      expect(heard).toEqual(['refused'])
      return Promise.resolve()
    })
    limits.close()
  })
})
