import { afterEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { findCancellation } from '@boxoffice/core/bookings/queries/cancellation-view.ts'
import { cancelResources } from '@boxoffice/core/bookings/cancel-resources.ts'
import { closeResources } from '@boxoffice/core/bookings/close-resources.ts'
import { cancelEvent } from '../support/cancel-event.ts'
import { givenEvent, type GivenEvent } from '../support/catalogue.ts'
import { type TestDatabase, sharedDatabase } from '../support/database.ts'
import { openEngine, ticketsRequest } from '../support/engine.ts'
import { holdBefore, interceptTransactions } from '../support/intercepted-database.ts'
import {
  closeLifecycles,
  givenBooking,
  givenPaid,
  inBareDatabase,
  openLifecycle,
  openTwoLifecycles,
  readBooking,
} from '../support/lifecycle.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import { waitForBlocked } from '../support/locks.ts'

const db = sharedDatabase()
afterEach(closeLifecycles)

const order = ({ eventId, ticketTypeIds }: GivenEvent) =>
  ticketsRequest(eventId, [{ ticketTypeId: ticketTypeIds[0] ?? '', quantity: 1 }])

/** Ends the show, so that its bookings are due to be closed. */
async function letEnd({ database }: TestDatabase, eventId: string): Promise<void> {
  await database.pool.query(
    `update events set starts_at = now() - interval '3 hours', ends_at = now() - interval '1 second' where id = $1`,
    [eventId],
  )
}

const isClosed = async ({ database }: TestDatabase, eventId: string) => {
  const { rows } = await database.pool.query<{ closed: boolean }>(
    'select closed_at is not null as closed from resource_state where resource_id = $1',
    [eventId],
  )
  return rows[0]?.closed
}

/** Closes bookings as if there were no lock of the resource, and no mark on it. */
const withoutTheResource = (database: Database) =>
  interceptTransactions(database, ({ name, run, text }) => {
    if (name === 'begin-closing') return run('select 1 as closing where $1::uuid is not null')
    return run(name === 'lock-resources' ? text.replace('for no key update', '') : text)
  })

describe('an event that is cancelled while its bookings are closed', () => {
  /** Cancels an event while the closing of its bookings is held before its write. */
  async function race(on: TestDatabase, guard: (database: Database) => Database, waits: boolean) {
    const event = await givenEvent(on.database)
    const booking = await givenBooking(on, order(event))
    const hold = holdBefore('read-attended-bookings')
    const [closing, cancelling] = openTwoLifecycles(on, (database) => hold.wrap(guard(database)))
    await givenPaid(cancelling, booking)
    await letEnd(on, event.eventId)
    const closed = closeResources(closing, 0)
    await hold.reached
    const cancelled = cancelEvent(cancelling, event).then(
      () => 'cancelled' as const,
      (error: unknown) => error,
    )
    await (waits ? waitForBlocked(on) : cancelled)
    hold.release()
    await closed
    const outcome = await cancelled
    await cancelResources(cancelling)
    return { outcome, booking: await readBooking(on, booking.id), event }
  }

  it('is cancelled without anybody getting their money back, without locks: the control', async () => {
    await inBareDatabase(async (bare) => {
      const { outcome, booking, event } = await race(bare, withoutTheResource, false)
      expect(outcome).toBe('cancelled')
      expect(booking).toMatchObject({ status: 'no_show', refunds: [] })
      const progress = await findCancellation(bare.database.pool, 'event', event.eventId, null)
      expect(progress).toMatchObject({ total: 1, cancelled: 0 })
    })
  })

  it('cannot be cancelled any more', async () => {
    const { outcome, booking } = await race(db, (database) => database, true)
    expect(outcome).toMatchObject({ code: 'not_on_sale' })
    expect(booking).toMatchObject({ status: 'no_show' })
    expect(await findViolations(db)).toEqual([])
  })

  it('is not closed where the cancelling came first', async () => {
    const event = await givenEvent(db.database)
    const booking = await givenBooking(db, order(event))
    const lifecycle = openLifecycle(db)
    await givenPaid(lifecycle, booking)
    await letEnd(db, event.eventId)
    await cancelEvent(lifecycle, event)
    await closeResources(lifecycle, 0)
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'confirmed' })
    await cancelResources(lifecycle)
    expect(await readBooking(db, booking.id)).toMatchObject({ status: 'cancelled', refunds: [expect.anything()] })
  })
})

it('an event that is closed in part, because a hold is still open, cannot be cancelled either', async () => {
  const event = await givenEvent(db.database)
  const lifecycle = openLifecycle(db)
  const paid = await givenBooking(db, order(event))
  await givenPaid(lifecycle, paid)
  await givenBooking(db, order(event))
  await letEnd(db, event.eventId)
  await closeResources(lifecycle, 0)
  expect(await isClosed(db, event.eventId)).toBe(false)
  expect(await readBooking(db, paid.id)).toMatchObject({ status: 'no_show' })
  await expect(cancelEvent(lifecycle, event)).rejects.toMatchObject({ code: 'not_on_sale' })
})

it('is not closed while somebody who came in time still waits in line', async () => {
  const event = await givenEvent(db.database)
  const engine = openEngine(db)
  try {
    await engine.line.accept(order(event))
    await letEnd(db, event.eventId)
    const lifecycle = openLifecycle(db)
    await closeResources(lifecycle, 0)
    expect(await isClosed(db, event.eventId)).toBe(false)
    await engine.decideWaiting(event.lane)
    await closeResources(lifecycle, 0)
    expect(await isClosed(db, event.eventId)).toBe(true)
  } finally {
    await engine.close()
  }
})
