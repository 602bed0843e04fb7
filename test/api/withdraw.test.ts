import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { givenEvent, type GivenEvent } from '../support/catalogue.ts'
import { openStream } from '../support/event-stream.ts'
import { eventually } from '../support/eventually.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { signTestToken } from '../support/tokens.ts'
import { sharedLifecycleApp } from './start-lifecycle-app.ts'

/** All that the event has, and all that one customer may hold. */
const PLACES = 6
const REFUSALS_PER_CALLER = 10

let event: GivenEvent
let customer: string
let other: string
let admin: string

const app = sharedLifecycleApp({
  limited: true,
  environment: {
    HOLDS_PER_CUSTOMER: String(PLACES),
    REFUSALS_PER_CALLER: String(REFUSALS_PER_CALLER),
  },
})
beforeAll(async () => {
  admin = await signTestToken('admin')
})
beforeEach(async () => {
  event = await givenEvent(app.db.database, { ticketTypes: [{ capacity: PLACES }] })
  customer = await signTestToken('customer')
  other = await signTestToken('customer')
  await setPaused(true)
})

const setPaused = (paused: boolean) =>
  app.db.database.pool.query('update resource_state set paused = $2 where resource_id = $1', [event.eventId, paused])

const emails = new Map<string, string>()

/** Returns an address of the customer's own: holds are counted by address, too. */
function emailOf(token: string): string {
  const email = emails.get(token) ?? `customer-${emails.size}@example.org`
  emails.set(token, email)
  return email
}

interface View {
  readonly id: string
  readonly state: string
}

async function ask(quantity = 1, token = customer) {
  const tickets = [{ ticketTypeId: event.ticketTypeIds[0], quantity }]
  const body = {
    resource: { type: 'event', id: event.eventId },
    tickets,
    customer: { name: 'Ada', email: emailOf(token) },
  }
  return app.send('POST', '/v1/booking-requests', { token, body })
}

/** Puts a request into the line and returns its path. */
async function wait(quantity = 1, token = customer): Promise<string> {
  const { status, body } = await ask(quantity, token)
  expect(status).toBe(202)
  return `/v1/booking-requests/${(body as View).id}`
}

const withdraw = (path: string, token: string | null = customer) => app.send('DELETE', path, { token })
const look = async (path: string) => (await app.send('GET', path, { token: customer })).body

const WITHDRAWN = { state: 'refused', ahead: 0, booking: null, refusal: { code: 'withdrawn' } }

describe('a request that waits', () => {
  test('is refused with `withdrawn`, again and again alike, and those behind it keep their places', async () => {
    const [path, behind] = [await wait(PLACES), await wait(PLACES, other)]
    const first = await withdraw(path)
    expect(first).toMatchObject({ status: 200, body: WITHDRAWN })
    expect(await withdraw(path)).toMatchObject({ status: 200, body: first.body as object })
    expect(await look(path)).toEqual(first.body)
    await setPaused(false)
    // Notifies of the line.
    await wait(1, await signTestToken('customer'))
    await eventually(async () => {
      const { body } = await app.send('GET', behind, { token: other })
      expect(body).toMatchObject({ state: 'booked' })
    })
    expect(await look(path)).toEqual(first.body)
  })

  test('is recorded with its refusal, and tells integrators who ask for refusals', async () => {
    const path = await wait()
    await withdraw(path)
    const id = path.split('/').at(-1)
    const { rows } = await app.db.database.pool.query(
      `select action, (select payload ->> 'code' from outbox where entity_id = $1) as code from audit where entity_id = $1`,
      [id],
    )
    expect(rows).toEqual([{ action: 'booking_request.refused', code: 'withdrawn' }])
  })

  test('ends the streams and long polls of its owner', async () => {
    const path = await wait()
    const stream = await openStream(`${app.url}${path}/stream`, { Authorization: `Bearer ${customer}` })
    expect(await stream.next()).toMatchObject({ event: 'position', data: { state: 'queued' } })
    const polled = app.send('GET', path, { token: customer, headers: { Prefer: 'wait=10' } })
    await withdraw(path)
    expect(await stream.next()).toMatchObject({ event: 'outcome', data: WITHDRAWN })
    expect((await polled).body).toMatchObject(WITHDRAWN)
  })

  test('gives back the places that it had reserved', async () => {
    const path = await wait(PLACES)
    expect(await ask()).toMatchObject({ status: 429, body: { code: 'too_many_holds' } })
    await withdraw(path)
    await eventually(async () => expect((await ask()).status).toBe(202))
  })

  test('counts as a refusal, so that a script that comes and goes is stopped', async () => {
    for (let round = 0; round < REFUSALS_PER_CALLER; round++) await withdraw(await wait())
    await eventually(async () =>
      expect(await ask()).toMatchObject({ status: 429, body: { code: 'too_many_requests' } }),
    )
  })

  test('is found by its owner and by admins alone', async () => {
    const path = await wait()
    expect((await withdraw(path, null)).status).toBe(401)
    expect((await withdraw(path, other)).status).toBe(404)
    expect((await withdraw('/v1/booking-requests/0199a000-0000-7000-8000-00000000dead')).status).toBe(404)
    expect(await look(path)).toMatchObject({ state: 'queued' })
    expect(await withdraw(path, admin)).toMatchObject({ status: 200, body: WITHDRAWN })
  })
})

test('a request that is decided stays as it is', async () => {
  await setPaused(false)
  const [booked, refused] = [await wait(PLACES), await wait(1, other)]
  await eventually(async () => expect(await look(booked)).toMatchObject({ state: 'booked' }))
  await eventually(async () => {
    expect((await app.send('GET', refused, { token: other })).body).toMatchObject({ state: 'refused' })
  })
  expect(await withdraw(booked)).toMatchObject({ status: 409, body: { code: 'already_decided' } })
  expect(await withdraw(refused, other)).toMatchObject({ status: 409, body: { code: 'already_decided' } })
  expect(await look(booked)).toMatchObject({ state: 'booked' })
})

test('a crowd that leaves stands at the line with one connection, and does not keep the others waiting', async () => {
  const paths: string[] = []
  for (let count = 0; count < 10; count++) paths.push(await wait(1, admin))
  const lock = await holdLock(app.db, 'select from resource_state where resource_id = $1 for no key update', [
    event.eventId,
  ])
  const left = paths.map((path) => withdraw(path, admin))
  try {
    expect(await waitForBlocked(app.db, { by: lock })).toHaveLength(1)
    expect(app.lifecycle.database.pool.waitingCount).toBe(0)
  } finally {
    await lock.release()
  }
  for (const answer of await Promise.all(left)) expect(answer).toMatchObject({ status: 200, body: WITHDRAWN })
})
