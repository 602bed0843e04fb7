import { afterEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { sqlState } from '@boxoffice/core/db/sql-errors.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { changeStatus } from '@boxoffice/core/bookings/change-status.ts'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { reconcilePayments } from '@boxoffice/core/bookings/payments/reconcile-payments.ts'
import { requestRefund } from '@boxoffice/core/bookings/payments/request-refund.ts'
import { sendDueRefunds } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { isProblem } from '@boxoffice/core/use-case/problem.ts'
import { givenEvent, givenOrganizer, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
import { laneOf } from '../support/lanes.ts'
import { eventually } from '../support/eventually.ts'
import { interceptTransactions } from '../support/intercepted-database.ts'
import {
  buyerOf,
  closeLifecycles,
  givenBooking,
  givenBookings,
  type GivenBooking,
  givenPaid,
  holdAt,
  type Lifecycle,
  openLifecycle,
  openTwoLifecycles,
  readBooking,
  REFUSALS,
  runOutOfTime,
  staffOf,
  startPaying,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { openFakeProvider, paymentEvent } from '../support/lifecycle-provider.ts'
import { type HeldLock, holdLock, waitForBlocked } from '../support/locks.ts'

const db = sharedDatabase()
afterEach(closeLifecycles)

const lockState = (resourceId: string) =>
  holdLock(db, 'select from resource_state where resource_id = $1 for no key update', [resourceId])

const cancel = (lifecycle: Lifecycle, booking: GivenBooking, caller = buyerOf(booking)) =>
  cancelBooking(lifecycle, { reference: booking.reference, caller, requestId: 'test', keyed: null })

const refund = (lifecycle: Lifecycle, booking: GivenBooking, amount: number) =>
  requestRefund(lifecycle, {
    reference: booking.reference,
    caller: staffOf(booking, 'organizer'),
    requestId: 'test',
    amount,
    reason: 'Sorry',
    cancelBooking: false,
    keyed: null,
  })

/** Counts the connections that wait for this lock at the moment. */
async function waitersFor({ pid }: HeldLock): Promise<number> {
  const { rows } = await db.database.pool.query<{ waiting: number }>(
    `select count(*) as waiting from pg_stat_activity where datname = current_database() and $1 = any(pg_blocking_pids(pid))`,
    [pid],
  )
  return rows[0]?.waiting ?? 0
}

describe("a resource's state that is locked", () => {
  it('keeps a cancellation waiting: the control', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const booking = await givenBooking(db, seatsRequest(showtimeId, ['A1']))
    const held = await lockState(showtimeId)
    const cancelled = cancel(openLifecycle(db), booking)
    await waitForBlocked(db, { by: held })
    await held.release()
    await cancelled
  })

  it('keeps no payment waiting, from its start to its confirmation and a refund', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const booking = await givenBooking(db, seatsRequest(showtimeId, ['A1']))
    const lifecycle = openLifecycle(db)
    const held = await lockState(showtimeId)
    try {
      await givenPaid(lifecycle, booking)
      await refund(lifecycle, booking, 100)
      await sendDueRefunds(lifecycle)
      expect(await waitersFor(held)).toBe(0)
    } finally {
      await held.release()
    }
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'confirmed',
      paymentStatus: 'partially_refunded',
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('keeps no booking waiting that staff confirm, or close, at the counter', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const booking = await givenBooking(db, seatsRequest(showtimeId, ['A1']))
    const lifecycle = openLifecycle(db)
    const held = await lockState(showtimeId)
    try {
      for (const status of ['confirmed', 'no_show'] as const) {
        await changeStatus(lifecycle, {
          reference: booking.reference,
          caller: staffOf(booking),
          requestId: 'test',
          status,
          reason: 'at the counter',
          keyed: null,
        })
        expect(await readBooking(db, booking.id)).toMatchObject({ status })
      }
    } finally {
      await held.release()
    }
    expect(await findViolations(db)).toEqual([])
  })

  it('keeps no holds of another resource from ending', async () => {
    const ids = ['00000000-0000-4000-8000-000000000001', 'ffffffff-ffff-4fff-bfff-ffffffffffff'] as const
    await Promise.all(ids.map((id) => givenShowtime(db.database, { id })))
    const [stuck, free] = await givenBookings(
      db,
      ids.map((id) => seatsRequest(id, ['A1'])),
    )
    if (stuck === undefined || free === undefined) throw new Error('not booked')
    await runOutOfTime(db, stuck.id, free.id)
    const held = await lockState(ids[0])
    const ending = expireHolds(openLifecycle(db))
    try {
      await waitForBlocked(db, { by: held })
      await eventually(async () => expect((await readBooking(db, free.id)).status).toBe('cancelled'), {
        withinMs: 4_000,
      })
      expect(await waitersFor(held)).toBe(1)
    } finally {
      await held.release()
    }
    expect(await ending).toBe(2)
    expect(await findViolations(db)).toEqual([])
  })

  it('is locked by the expiry for its own holds alone: whoever wants another one goes on', async () => {
    const given = await Promise.all([givenShowtime(db.database, { lane: 1 }), givenShowtime(db.database, { lane: 2 })])
    const [expired, other] = await givenBookings(
      db,
      given.map(({ showtimeId }) => seatsRequest(showtimeId, ['A1'])),
    )
    if (expired === undefined || other === undefined) throw new Error('not booked')
    await runOutOfTime(db, expired.id)
    const hold = holdAt('release-inventory')
    const [expiring, free] = openTwoLifecycles(db, hold.wrap)
    const ending = expireHolds(expiring)
    await hold.reached
    await cancel(free, other)
    await givenBooking(db, seatsRequest(other.resourceId, ['A1']))
    hold.release()
    expect(await ending).toBe(1)
    expect(await findViolations(db)).toEqual([])
  })
})

describe('the order of locks', () => {
  it('matters: who has the booking and then wants its resource ends in a deadlock with a cancellation: the control', async () => {
    const { showtimeId } = await givenShowtime(db.database)
    const booking = await givenBooking(db, seatsRequest(showtimeId, ['A1']))
    const held = await holdLock(db, 'select from bookings where id = $1 for no key update', [booking.id])
    const failures = openFailures()
    const cancelled = cancel(openLifecycle(db, { wrap: failures.wrap }), booking)
    await waitForBlocked(db, { by: held })
    const wrongWay = held.client
      .query('select from resource_state where resource_id = $1 for no key update', [showtimeId])
      .catch(failures.add)
    await wrongWay
    await held.release()
    // Either of the two may have lost: a cancellation retries.
    await cancelled
    expect(failures.states).toContain('40P01')
  })

  it(
    'is kept by 300 mixed changes of three resources that share a promo code: no deadlock',
    { timeout: 120_000 },
    async () => {
      const { organizerId } = await givenOrganizer(db.database)
      await givenPromoCode(db.database, { organizerId, maxPerCustomer: 1_000 })
      const [event, festival] = [
        await givenEvent(db.database, { organizerId, lane: 4, ticketTypes: [{ capacity: 500, maxPerCustomer: 400 }] }),
        await givenEvent(db.database, { organizerId, lane: 5, ticketTypes: [{ capacity: 500 }] }),
      ]
      const showtime = await givenShowtime(db.database, { organizerId, lane: 6, rows: 10 })
      const backwards = [event.eventId, festival.eventId, showtime.showtimeId].sort().reverse()
      const requestAt = (at: number) => {
        const kind = at % 3
        const given = kind === 0 ? event : festival
        const submission =
          kind === 2
            ? seatsRequest(showtime.showtimeId, [showtime.seats[Math.floor(at / 3) % showtime.seats.length] ?? ''])
            : ticketsRequest(given.eventId, [{ ticketTypeId: given.ticketTypeIds[0] ?? '', quantity: 2 }])
        const promoCode = at % 2 === 0 ? { promoCode: 'SAVE20' } : {}
        return { ...submission, customerKeys: ['o:same'], payload: { ...submission.payload, ...promoCode } }
      }
      const booked = await givenBookings(
        db,
        Array.from({ length: 60 }, (_, at) => requestAt(at)),
      )
      const failures = openFailures()
      const provider = openFakeProvider()
      const two = [
        openLifecycle(db, { provider, wrap: failures.wrap }),
        openLifecycle(db, { provider, wrap: failures.wrap }),
      ] as const
      const engine = openEngine(db, { wrapDeciding: failures.wrap })
      const paymentOf = new Map<string, string>()
      const refused: unknown[] = []
      const draw = seeded(20_260_101)

      const change = async (
        lifecycle: Lifecycle,
        booking: GivenBooking,
        which: number,
        at: number,
      ): Promise<unknown> => {
        const paymentId = paymentOf.get(booking.id)
        switch (which) {
          case 0:
          case 1:
            return paymentOf.set(booking.id, (await startPaying(lifecycle, booking)).paymentId)
          case 2:
          case 3: {
            if (paymentId === undefined) return
            const captured = { amount: booking.total, currency: 'EUR' }
            return lifecycle.receive(paymentEvent(paymentId, { status: 'completed', captured }))
          }
          case 4:
            return paymentId && lifecycle.receive(paymentEvent(paymentId, { status: 'failed', reason: 'no' }))
          case 5:
            return cancel(lifecycle, booking)
          case 6:
            return cancel(lifecycle, booking, staffOf(booking))
          case 7:
            return refund(lifecycle, booking, 50)
          case 8:
            await runOutOfTime(db, booking.id)
            return expireHolds(lifecycle)
          case 9:
            return changeStatus(lifecycle, {
              reference: booking.reference,
              caller: staffOf(booking),
              requestId: 'test',
              status: at % 2 === 0 ? 'confirmed' : 'cancelled',
              reason: 'At the counter',
              keyed: null,
            })
          case 10:
            await sendDueRefunds(lifecycle)
            return reconcilePayments(lifecycle)
          default: {
            const { view } = await engine.line.accept(requestAt(at))
            // One line alone, or all of them in one batch, named in the order that is not the one of their locks.
            if (at % 2 === 0) return engine.decideWaiting(laneOf({ view }))
            return decideNextBatch(engine.deciding, backwards, 'wait')
          }
        }
      }

      const steps = Array.from({ length: 300 }, (_, at) => ({
        at,
        which: draw(12),
        booking: booked[draw(booked.length)],
      })).values()
      const runner = async (number: number) => {
        for (const { at, which, booking } of steps) {
          if (booking === undefined) continue
          await change(two[number % 2 === 0 ? 0 : 1], booking, which, at).catch((error: unknown) => refused.push(error))
        }
      }
      try {
        await Promise.all(Array.from({ length: 16 }, (_, number) => runner(number)))
      } finally {
        await engine.close()
      }
      expect(failures.states).not.toContain('40P01')
      // A machine that crawls may make one wait too long for its turn; a deadlock would have been found long before
      // that.
      const unexpected = [...refused, ...two.flatMap(({ errors }) => errors)].filter(
        (error) => !isProblem(error, ...REFUSALS) && sqlState(error) !== '55P03',
      )
      expect(unexpected).toEqual([])
      expect(await findViolations(db)).toEqual([])
    },
  )
})

/** Collects every error in transactions, even if the service retries and nobody else sees it. */
function openFailures() {
  const states: string[] = []
  const add = (error: unknown) => void states.push(sqlState(error) ?? String(error))
  const wrap = (database: Database) =>
    interceptTransactions(database, async ({ run }) => {
      try {
        return await run()
      } catch (error) {
        add(error)
        throw error
      }
    })
  return { states, add, wrap }
}

/** Returns a source of whole numbers below `limit`, the same ones in every run (Lehmer's generator). */
function seeded(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647
    return state % limit
  }
}
