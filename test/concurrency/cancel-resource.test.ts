import { afterEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { cancelResources } from '@boxoffice/core/bookings/cancel-resources.ts'
import { closeResources } from '@boxoffice/core/bookings/close-resources.ts'
import { findCancellation } from '@boxoffice/core/bookings/queries/cancellation-view.ts'
import { cancelResource } from '@boxoffice/core/bookings/cancel-resource.ts'
import { decideNextBatch } from '@boxoffice/core/booking-requests/deciding/decide-lines.ts'
import { sendDueRefunds } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { CANCEL_REASON, cancelEvent } from '../support/cancel-event.ts'
import { givenEvent, type GivenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import { type TestDatabase, sharedDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
import { holdBefore, interceptTransactions, withoutRowLocks } from '../support/intercepted-database.ts'
import {
  buyerOf,
  closeLifecycles,
  dieAt,
  givenBooking,
  givenBookings,
  givenPaid,
  holdAt,
  inBareDatabase,
  openLifecycle,
  openTwoLifecycles,
  readBooking,
  startPaying,
  withoutLocks,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { waitForBlocked } from '../support/locks.ts'

const db = sharedDatabase()
afterEach(closeLifecycles)

const order = ({ eventId, ticketTypeIds }: GivenEvent, quantity = 2) =>
  ticketsRequest(eventId, [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity }])

const progressOf = (on: TestDatabase, id: string) => findCancellation(on.database.pool, 'event', id, null)

/** Counts what a cancelled resource should no longer have: live bookings, sold tickets, money kept. */
async function leftOf({ database }: TestDatabase, resourceId: string) {
  const { rows } = await database.pool.query<Record<'live' | 'sold' | 'kept', number>>(
    `select (select count(*)::int from bookings where resource_id = $1 and status <> 'cancelled') as live,
       (select coalesce(sum(sold), 0)::int from ticket_type_state s join ticket_types t on t.id = s.ticket_type_id
         where t.event_id = $1) as sold,
       (select coalesce(sum(p.captured - p.refunded - p.reserved), 0)::int from payments p
         join bookings b on b.id = p.booking_id where b.resource_id = $1) as kept`,
    [resourceId],
  )
  return rows[0]
}

const NOTHING = { live: 0, sold: 0, kept: 0 }

describe('a request that is decided while its event is cancelled', () => {
  /**
   * Cancels an event while the decider, which has read that it is on sale, is held before its write. Returns the
   * event's id.
   */
  async function race(on: TestDatabase, guard: (database: Database) => Database, waits: boolean) {
    const event = await givenEvent(on.database)
    const hold = holdBefore('write-decisions')
    const engine = openEngine(on, { wrapDeciding: (database) => guard(hold.wrap(database)) })
    try {
      await engine.line.accept(order(event))
      const deciding = decideNextBatch(engine.deciding, [event.eventId], 'wait')
      await hold.reached
      const cancelling = cancelEvent(openLifecycle(on), event)
      await (waits ? waitForBlocked(on) : cancelling)
      hold.release()
      await Promise.all([deciding, cancelling])
      await cancelResources(openLifecycle(on))
      return event.eventId
    } finally {
      hold.release()
      await engine.close()
    }
  }

  it('is booked for what does not take place, and stays so, without row locks: the control', async () => {
    await inBareDatabase(async (bare) => {
      const id = await race(bare, (database) => withoutRowLocks(database), false)
      expect(await progressOf(bare, id)).toMatchObject({ status: 'finished', total: 0, cancelled: 0 })
      expect(await leftOf(bare, id)).toMatchObject({ live: 1, sold: 2 })
    })
  })

  it('is counted and cancelled', async () => {
    const id = await race(db, (database) => database, true)
    expect(await progressOf(db, id)).toMatchObject({ status: 'finished', total: 1, cancelled: 1, failed: 0 })
    expect(await leftOf(db, id)).toEqual(NOTHING)
    expect(await findViolations(db)).toEqual([])
  })

  it('is refused where it was still waiting in the line', async () => {
    const event = await givenEvent(db.database)
    const engine = openEngine(db)
    try {
      await engine.line.accept(order(event))
      await cancelEvent(openLifecycle(db), event)
      const [batch] = await engine.decideWaiting(event.lane)
      expect(batch?.outcomes).toMatchObject([{ state: 'refused', refusal: { code: 'not_on_sale' } }])
    } finally {
      await engine.close()
    }
  })
})

describe('a payment that completes while its booking is cancelled with the event', () => {
  async function race(
    on: TestDatabase,
    { at, guard, waits }: { at: string; guard: (database: Database) => Database; waits: boolean },
  ) {
    const event = await givenEvent(on.database)
    const booking = await givenBooking(on, order(event))
    const hold = holdAt(at)
    const [cancelling, paying] = openTwoLifecycles(on, (database) => hold.wrap(guard(database)))
    const { paymentId } = await startPaying(paying, booking)
    await cancelEvent(paying, event)
    const cancelled = cancelResources(cancelling)
    await hold.reached
    const completed = paying.receive(paying.provider.pay(paymentId))
    await (waits ? waitForBlocked(on) : completed)
    hold.release()
    await Promise.all([cancelled, completed])
    return { booking, paymentId, paying }
  }

  it('is money for nothing without row locks: the control', async () => {
    await inBareDatabase(async (bare) => {
      // It has seen a payment that is unpaid.
      const unguarded = { at: 'update "payments"', guard: (database: Database) => withoutLocks(database), waits: false }
      const { booking, paymentId } = await race(bare, unguarded)
      expect(await readBooking(bare, booking.id)).toMatchObject({ status: 'cancelled', refunds: [] })
      expect(await findViolations(bare)).toEqual([`I5 money taken for nothing: ${paymentId}`])
    })
  })

  it('goes back as a whole', async () => {
    const { booking, paying } = await race(db, { at: 'release-inventory', guard: (database) => database, waits: true })
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      cancelReason: 'organizer',
      refunds: [{ amount: booking.total, status: 'reserved' }],
    })
    await sendDueRefunds(paying)
    expect(await readBooking(db, booking.id)).toMatchObject({
      paymentStatus: 'refunded',
      refunds: [{ status: 'completed' }],
    })
    expect(await findViolations(db)).toEqual([])
  })

  it('goes back, fee and all, where it came first', async () => {
    const event = await givenEvent(db.database)
    const lifecycle = openLifecycle(db)
    const booking = await givenBooking(db, order(event))
    await givenPaid(lifecycle, booking)
    expect(booking.fee).toBeGreaterThan(0)
    await cancelEvent(lifecycle, event)
    await cancelResources(lifecycle)
    expect(await readBooking(db, booking.id)).toMatchObject({
      refunds: [{ amount: booking.total, reason: CANCEL_REASON }],
    })
  })
})

describe('the batches of a cancellation', () => {
  it('are counted once by two workers, and announced', async () => {
    const event = await givenEvent(db.database, { ticketTypes: [{ capacity: 1_000 }] })
    await givenBookings(
      db,
      Array.from({ length: 230 }, () => order(event, 1)),
    )
    const [one, two] = openTwoLifecycles(db)
    await cancelEvent(one, event)
    expect(await progressOf(db, event.eventId)).toMatchObject({ status: 'running', total: 230, cancelled: 0 })
    const counts = await Promise.all([cancelResources(one), cancelResources(two)])
    expect(counts[0] + counts[1]).toBe(230)
    expect(await progressOf(db, event.eventId)).toMatchObject({
      status: 'finished',
      total: 230,
      cancelled: 230,
      failed: 0,
    })
    expect(await leftOf(db, event.eventId)).toEqual(NOTHING)
    const { rows } = await db.database.pool.query<{ version: number }>(
      'select version from resource_state where resource_id = $1',
      [event.eventId],
    )
    const announced = [...one.signals, ...two.signals].map(({ versions }) => versions[event.eventId] ?? 0)
    expect(Math.max(...announced)).toBe(rows[0]?.version)
    expect(await findViolations(db)).toEqual([])
  })

  it('that were done stay done when the worker dies, and the next one goes on', async () => {
    const event = await givenEvent(db.database, { ticketTypes: [{ capacity: 1_000 }] })
    await givenBookings(
      db,
      Array.from({ length: 150 }, () => order(event, 1)),
    )
    await cancelEvent(openLifecycle(db), event)
    const dying = openLifecycle(db, { wrap: dieAt('cancel-bookings', 2) })
    expect(await cancelResources(dying)).toBe(100)
    expect(await progressOf(db, event.eventId)).toMatchObject({ status: 'running', cancelled: 100 })
    expect(await leftOf(db, event.eventId)).toMatchObject({ live: 50, sold: 50 })
    expect(await cancelResources(openLifecycle(db))).toBe(50)
    expect(await progressOf(db, event.eventId)).toMatchObject({ status: 'finished', cancelled: 150, failed: 0 })
    expect(await findViolations(db)).toEqual([])
  })

  it('are not held up by one bad booking, which is told of and tried again', async () => {
    const { showtimeId, organizerId, seats } = await givenShowtime(db.database)
    const given = await givenBookings(
      db,
      seats.slice(0, 5).map((seat) => seatsRequest(showtimeId, [seat])),
    )
    const bad = given[2]
    const { rows } = await db.database.pool.query<{ seat: string }>(
      'delete from seat_allocations where booking_id = $1 returning seat_label as seat',
      [bad?.id],
    )
    const lifecycle = openLifecycle(db)
    const input = {
      actor: 'organizer-1',
      requestId: null,
      kind: 'showtime',
      id: showtimeId,
      organizerId,
      reason: CANCEL_REASON,
      keyed: null,
    } as const
    await inTransaction(db.database, (tx) => cancelResource(tx, input))
    expect(await cancelResources(lifecycle)).toBe(4)
    const progress = () => findCancellation(db.database.pool, 'showtime', showtimeId, organizerId)
    expect(await progress()).toMatchObject({ status: 'running', total: 5, cancelled: 4, failed: 1, finishedAt: null })
    expect(lifecycle.errors).toHaveLength(1)

    await db.database.pool.query(
      'insert into seat_allocations (showtime_id, seat_label, booking_id) values ($1, $2, $3)',
      [showtimeId, rows[0]?.seat, bad?.id],
    )
    expect(await cancelResources(lifecycle)).toBe(1)
    expect(await progress()).toMatchObject({ status: 'finished', total: 5, cancelled: 5, failed: 0 })
    expect(await cancelResources(lifecycle)).toBe(0)
    expect(await findViolations(db)).toEqual([])
  })

  it('come before whoever closes what is over, and would make a no-show of who is to be paid back', async () => {
    const event = await givenEvent(db.database)
    const lifecycle = openLifecycle(db)
    const booking = await givenBooking(db, order(event))
    await givenPaid(lifecycle, booking)
    await db.database.pool.query(
      `update events set starts_at = now() - interval '3 hours', ends_at = now() - interval '1 second' where id = $1`,
      [event.eventId],
    )
    await cancelEvent(lifecycle, event)
    await closeResources(lifecycle, 0)
    expect((await readBooking(db, booking.id)).status).toBe('confirmed')
    await cancelResources(lifecycle)
    await closeResources(lifecycle, 0)
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      refunds: [{ amount: booking.total }],
    })
  })

  it('come first also where it had been found to be over before it was cancelled', async () => {
    const event = await givenEvent(db.database)
    const hold = holdBefore('lock-resources')
    const [closing, cancelling] = openTwoLifecycles(db, hold.wrap)
    const booking = await givenBooking(db, order(event))
    await givenPaid(cancelling, booking)
    await db.database.pool.query(
      `update events set starts_at = now() - interval '3 hours', ends_at = now() - interval '1 second' where id = $1`,
      [event.eventId],
    )
    const closed = closeResources(closing, 0)
    await hold.reached
    await cancelEvent(cancelling, event)
    hold.release()
    await closed
    await cancelResources(cancelling)
    expect(await readBooking(db, booking.id)).toMatchObject({
      status: 'cancelled',
      refunds: [{ amount: booking.total }],
    })
  })
})

describe('the end of a cancellation', () => {
  const END = 'event.cancellation_finished'

  /** Reads the events about the cancellation, in their order, and the audit rows of its end. */
  async function toldOf({ database }: TestDatabase, { eventId }: GivenEvent) {
    const { rows: told } = await database.pool.query<{ type: string; payload: unknown }>(
      `select type, payload from outbox where entity_id = $1 and type like 'event.cancel%' order by entity_seq`,
      [eventId],
    )
    const { rows: audited } = await database.pool.query<{ actor: string; after: unknown }>(
      'select actor, after from audit where entity_id = $1 and action = $2',
      [eventId, END],
    )
    return { told: told.map(({ type }) => type), last: told.at(-1)?.payload, audited }
  }

  const finishedAfter = ({ eventId }: GivenEvent, total: number, cancelled: number) => ({
    told: ['event.cancelled', END],
    last: { id: eventId, total, cancelled },
    audited: [{ actor: 'organizer-1', after: { total, cancelled } }],
  })

  /** Lets two workers both find that nothing is left: the first is held before it records that. */
  async function race(on: TestDatabase, guard: (database: Database) => Database, waits: boolean) {
    const event = await givenEvent(on.database)
    await givenBooking(on, order(event))
    const hold = holdBefore('insert-catalogue-records')
    await cancelEvent(openLifecycle(on), event)
    const first = cancelResources(openLifecycle(on, { wrap: (database) => hold.wrap(guard(database)) }))
    await hold.reached
    const second = cancelResources(openLifecycle(on, { wrap: guard }))
    try {
      await (waits ? waitForBlocked(on) : second)
    } finally {
      hold.release()
      await Promise.all([first, second])
    }
    return event
  }

  /** Finishes a cancellation that somebody else has finished, without any lock on it. */
  const withoutLooking = (database: Database) =>
    interceptTransactions(database, ({ name, run, text }) => {
      if (name === 'lock-resources') return run(text.replace('for no key update', ''))
      if (name !== 'finish-resource-cancellation') return run()
      const select = 'select true as "isFinished", c.total, c.cancelled, r.kind, r.organizer_id as "organizerId"'
      return run(`${select} from resource_cancellations c join resources r on r.id = c.resource_id
        where c.resource_id = $1 and $2::int is not null`)
    })

  it('is told twice where both only look whether anything is left: the control', async () => {
    await inBareDatabase(async (bare) => {
      const { told, audited } = await toldOf(bare, await race(bare, withoutLooking, false))
      expect(told).toEqual(['event.cancelled', END, END])
      expect(audited).toHaveLength(2)
    })
  })

  it('is told once by two workers', async () => {
    const event = await race(db, (database) => database, true)
    expect(await toldOf(db, event)).toEqual(finishedAfter(event, 1, 1))
  })

  it('is told at once where nothing is booked', async () => {
    const event = await givenEvent(db.database)
    const lifecycle = openLifecycle(db)
    await cancelEvent(lifecycle, event)
    expect(await toldOf(db, event)).toEqual(finishedAfter(event, 0, 0))
    await cancelResources(lifecycle)
    expect(await toldOf(db, event)).toEqual(finishedAfter(event, 0, 0))
  })

  it('is told when it has come: not while bookings are left, and with those that ended by themselves left out', async () => {
    const event = await givenEvent(db.database)
    const [bad, ended] = await givenBookings(
      db,
      Array.from({ length: 3 }, () => order(event, 1)),
    )
    if (bad === undefined || ended === undefined) throw new Error('nothing was booked')
    const lifecycle = openLifecycle(db)
    await cancelEvent(lifecycle, event)
    expect((await toldOf(db, event)).told).toEqual(['event.cancelled'])
    const { reference } = ended
    await cancelBooking(lifecycle, { reference, caller: buyerOf(ended), requestId: 'test', keyed: null })
    const guard = `create function refuse_one() returns trigger language plpgsql as $$ begin
        if new.id = '${bad.id}' and new.status = 'cancelled' then raise exception 'a bad row'; end if; return new;
      end $$;
      create trigger refuse_one before update on bookings for each row execute function refuse_one()`
    await db.database.pool.query(guard)
    try {
      await cancelResources(lifecycle)
    } finally {
      await db.database.pool.query('drop trigger refuse_one on bookings; drop function refuse_one')
    }
    expect(await progressOf(db, event.eventId)).toMatchObject({ status: 'running', cancelled: 1, failed: 1 })
    expect((await toldOf(db, event)).told).toEqual(['event.cancelled'])
    await cancelResources(lifecycle)
    expect(await toldOf(db, event)).toEqual(finishedAfter(event, 3, 2))
    await cancelResources(lifecycle)
    expect(await toldOf(db, event)).toEqual(finishedAfter(event, 3, 2))
  })

  it('is undone with its commit, and told by the next worker', async () => {
    const event = await givenEvent(db.database)
    await givenBooking(db, order(event))
    await cancelEvent(openLifecycle(db), event)
    await cancelResources(openLifecycle(db, { wrap: dieAt('insert-catalogue-records', 1) }))
    expect(await progressOf(db, event.eventId)).toMatchObject({ status: 'running', cancelled: 1 })
    expect((await toldOf(db, event)).told).toEqual(['event.cancelled'])
    await cancelResources(openLifecycle(db))
    expect(await progressOf(db, event.eventId)).toMatchObject({ status: 'finished', cancelled: 1 })
    expect(await toldOf(db, event)).toEqual(finishedAfter(event, 1, 1))
  })
})

describe('an event that is cancelled in the middle of its sale', () => {
  it('leaves no live booking, keeps no money and no inventory, whatever was under way', async () => {
    const event = await givenEvent(db.database, { ticketTypes: [{ capacity: 400, maxPerCustomer: 4 }] })
    await givenPromoCode(db.database, { organizerId: event.organizerId, maxPerCustomer: 2 })
    const [one, two] = openTwoLifecycles(db)
    const deciders = [openEngine(db), openEngine(db)] as const
    const request = (index: number) => {
      const submission = order(event, 1 + (index % 3))
      if (index % 4 !== 0) return submission
      return { ...submission, payload: { ...submission.payload, promoCode: 'SAVE20' } }
    }
    try {
      const early = await givenBookings(
        db,
        Array.from({ length: 60 }, (_, index) => request(index)),
      )
      // Half is paid or being paid, while more come, are decided, and the event is cancelled amid it all.
      const paying = early.slice(0, 30).map(async (booking, index) => {
        const { paymentId } = await startPaying(index % 2 === 0 ? one : two, booking)
        await one.receive(one.provider.pay(paymentId))
      })
      const [first, second] = deciders
      const coming = Array.from({ length: 60 }, (_, index) =>
        (index % 2 === 0 ? first : second).line.accept(request(index)),
      )
      const deciding = Promise.all(coming).then(() =>
        Promise.all(deciders.map((engine) => engine.decideWaiting(event.lane))),
      )
      const cancelling = cancelEvent(two, event).then(() => Promise.all([cancelResources(one), cancelResources(two)]))
      // Payments that come too late are refused, because the event is cancelled.
      const outcomes = await Promise.allSettled(paying)
      await Promise.all([deciding, cancelling])
      await cancelResources(one)
      expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeLessThan(30)

      expect(await leftOf(db, event.eventId)).toEqual(NOTHING)
      const progress = await progressOf(db, event.eventId)
      expect(progress).toMatchObject({ status: 'finished', failed: 0 })
      expect(progress?.cancelled).toBe(progress?.total)
      for (let sent = -1; sent !== 0;) sent = await sendDueRefunds(one)
      const { rows } = await db.database.pool.query(
        `select count(*)::int as unsettled from refunds r join bookings b on b.id = r.booking_id
         where b.resource_id = $1 and r.status <> 'completed'`,
        [event.eventId],
      )
      expect(rows).toEqual([{ unsettled: 0 }])
      expect(await findViolations(db)).toEqual([])
    } finally {
      await Promise.all(deciders.map((engine) => engine.close()))
    }
  })
})
