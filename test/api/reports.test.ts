import { afterEach, describe, expect, test } from 'vitest'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import { Reports } from '../../apps/api/src/http/reports.ts'
import { Turns } from '../../apps/api/src/http/turns.ts'
import { type GivenEvent, givenEvent } from '../support/catalogue.ts'
import { createTestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type HeldLock, holdLock, waitForBlocked } from '../support/locks.ts'
import { signTestToken } from '../support/tokens.ts'
import { type LifecycleApp, startLifecycleApp } from './start-lifecycle-app.ts'

/*
 * No list of an organizer and no change of the catalogue keeps customers, gates or probes waiting. Reports are held up by
 * a lock on what they read, changes by a lock on what they change.
 */

let app: LifecycleApp | undefined
let lock: HeldLock | undefined
afterEach(async () => {
  await lock?.release()
  await app?.close()
  app = undefined
})

async function start(sharedPools: boolean): Promise<{ app: LifecycleApp; event: GivenEvent }> {
  app = await startLifecycleApp({ sharedPools })
  return { app, event: await givenEvent(app.db.database) }
}

/** As many reports as the shared pool of reads has connections, and one more, of three organizers. */
async function readAudit({ send }: LifecycleApp): Promise<Promise<number>[]> {
  const tokens = await Promise.all(
    Array.from({ length: 3 }, () => signTestToken('organizer', { organizerId: newId() })),
  )
  return [...tokens, ...tokens].map(async (token) => (await send('GET', '/v1/audit', { token })).status)
}

const statusOf = async ({ send }: LifecycleApp, path: string) => (await send('GET', path, { token: null })).status

describe('reports that do not end', () => {
  test('control: in the pool of public reads they keep these and the probe waiting', async () => {
    const shared = await start(true)
    lock = await holdLock(shared.app.db, 'lock table audit in access exclusive mode')
    const reports = await readAudit(shared.app)
    await waitForBlocked(shared.app.db, { by: lock, count: 5 })
    const event = statusOf(shared.app, `/v1/events/${shared.event.eventId}`)
    expect(await statusOf(shared.app, '/readyz')).toBe(503)
    await lock.release()
    expect(await event).toBe(200)
    await Promise.all(reports)
  })

  test('keep neither public reads nor the probe waiting', async () => {
    const own = await start(false)
    lock = await holdLock(own.app.db, 'lock table audit in access exclusive mode')
    const reports = await readAudit(own.app)
    await waitForBlocked(own.app.db, { by: lock, count: 4 })
    expect(await statusOf(own.app, `/v1/events/${own.event.eventId}`)).toBe(200)
    expect(await statusOf(own.app, `/v1/events/${own.event.eventId}/availability`)).toBe(200)
    expect(await statusOf(own.app, '/readyz')).toBe(200)
    for (const status of await Promise.all(reports)) expect(status).toBe(503)
  })

  test('are read two at a time of one organizer; of more than forty that wait the next is refused', async () => {
    const own = await start(false)
    lock = await holdLock(own.app.db, 'lock table audit in access exclusive mode')
    const token = await signTestToken('organizer', { organizerId: newId() })
    const reports = Array.from({ length: 43 }, () => own.app.send('GET', '/v1/audit', { token }))
    const first = await Promise.race(reports)
    expect(first).toMatchObject({ status: 429, body: { code: 'too_many_requests' } })
    expect(first.headers.get('retry-after')).toBe('2')
    expect(await waitForBlocked(own.app.db, { by: lock, count: 2 })).toHaveLength(2)
    // Another organizer's are read meanwhile.
    const other = await signTestToken('organizer', { organizerId: newId() })
    expect((await own.app.send('GET', '/v1/feed', { token: other })).status).toBe(200)
    await lock.release()
    await Promise.all(reports)
  })
})

describe('changes of the catalogue that wait for a lock', () => {
  const price = { price: 1_234 }

  /** Of admins, who count alone: as many as the pool of bookings has connections. */
  async function changePrice({ app: { send }, event }: { app: LifecycleApp; event: GivenEvent }) {
    const [ticketTypeId = ''] = event.ticketTypeIds
    const path = `/v1/events/${event.eventId}/ticket-types/${ticketTypeId}`
    const tokens = await Promise.all(Array.from({ length: 10 }, () => signTestToken('admin')))
    return tokens.map(async (token) => (await send('PATCH', path, { token, body: price })).status)
  }

  async function stage(sharedPools: boolean) {
    const given = await start(sharedPools)
    const other = await givenEvent(given.app.db.database)
    const selection = {
      resource: { type: 'event', id: other.eventId },
      tickets: [{ ticketTypeId: other.ticketTypeIds[0], quantity: 1 }],
    }
    const booked = await given.app.book(selection)
    lock = await holdLock(given.app.db, 'select from resource_state where resource_id = $1 for no key update', [
      given.event.eventId,
    ])
    return { given, booked, lock }
  }

  test('control: in the pool of bookings they keep payments waiting', async () => {
    const { given, booked, lock: held } = await stage(true)
    const { pool } = given.app.lifecycle.database
    const changes = await changePrice(given)
    await waitForBlocked(given.app.db, { by: held, count: 10 })
    const payment = given.app.startPayment(booked)
    await eventually(() => expect(pool.waitingCount).toBe(1))
    await held.release()
    await payment
    expect(await Promise.all(changes)).toEqual(changes.map(() => 200))
  })

  test('keep no payment waiting', async () => {
    const { given, booked, lock: held } = await stage(false)
    const changes = await changePrice(given)
    await waitForBlocked(given.app.db, { by: held, count: 4 })
    await given.app.startPayment(booked)
    await held.release()
    expect(await Promise.all(changes)).toEqual(changes.map(() => 200))
  })
})

const caller: Caller = {
  subject: 'someone',
  role: 'organizer',
  organizerId: newId(),
  guest: false,
  scopes: null,
  bookingId: null,
}

test('a report that takes too long says what to narrow it with', async () => {
  const db = await createTestDatabase()
  const database = db.open({ statementTimeoutMs: 50, max: 1 })
  lock = await holdLock(db, 'lock table audit in access exclusive mode')
  const read = new Reports(database).read(caller, 'from, to or limit', ({ pool }) => pool.query('select from audit'))
  await expect(read).rejects.toMatchObject({
    code: 'unavailable',
    message: 'Reading this list took too long. Narrow it with from, to or limit.',
    retryAfterSeconds: 10,
  })
  await lock.release()
  await database.close()
  await db.drop()
})

test('turns are taken one after the other, in order, by organizer', async () => {
  const turns = new Turns({ atOnce: 1, maxWaiting: 2, detail: 'Too much.' })
  const gate = Promise.withResolvers<void>()
  const done: number[] = []
  const take = (by: Caller, number: number) =>
    turns.take(by, async () => {
      await gate.promise
      done.push(number)
    })
  const colleague = { ...caller, subject: 'a colleague' }
  const taken = [take(caller, 1), take(colleague, 2), take(caller, 3)]
  await expect(take(colleague, 4)).rejects.toMatchObject({ code: 'too_many_requests' })
  taken.push(take({ ...caller, organizerId: newId() }, 5))
  gate.resolve()
  await Promise.all(taken)
  expect(new Set(done)).toEqual(new Set([1, 2, 3, 5]))
  expect(done.filter((number) => number < 4)).toEqual([1, 2, 3])
  // A failure gives its turn back.
  await expect(turns.take(caller, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(turns.take(caller, () => Promise.resolve(6))).resolves.toBe(6)
})
