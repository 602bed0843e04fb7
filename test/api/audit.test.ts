import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { dataSchema } from '@boxoffice/contract/outgoing-events/event-schema.ts'
import { OUTGOING_EVENT_TYPES } from '@boxoffice/core/domain/outgoing-events/outgoing-events.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { sendDueRefunds } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { signTestToken } from '../support/tokens.ts'
import { type Booked, BUSY, customer, expectBody, seatDispenser, sharedLifecycleApp } from './start-lifecycle-app.ts'
import { shared } from '../support/shared.ts'

// test/db/guards.test.ts holds that the database refuses to change or delete audit rows.

const startsAt = new Date(Date.now() + 3_600_000)
const app = sharedLifecycleApp()
const house = shared(() => givenShowtime(app.db.database, { startsAt, rows: 10 }))
const other = shared(() => givenShowtime(app.db.database))
const seats = seatDispenser(house)
const organizerSubject = `organizer:${randomUUID()}`
const staffSubject = `staff:${randomUUID()}`
let organizer: string
let staff: string
let admin: string
beforeAll(async () => {
  const { organizerId } = house
  organizer = await signTestToken('organizer', { subject: organizerSubject, organizerId })
  staff = await signTestToken('staff', { subject: staffSubject, organizerId })
  admin = await signTestToken('admin')
})

const rowSchema = z.strictObject({
  id: z.uuid(),
  at: z.iso.datetime(),
  actor: z.string(),
  action: z.string(),
  entity: z.string(),
  entityId: z.uuid(),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  requestId: z.string().nullable(),
})
const pageSchema = z.strictObject({ items: z.array(rowSchema), nextCursor: z.string().nullable() })
type Row = z.infer<typeof rowSchema>

type Query = Readonly<Record<string, string>>

const page = async (query: Query, token = organizer) =>
  expectBody(pageSchema, await app.send('GET', `/v1/audit?${new URLSearchParams(query).toString()}`, { token }))

/** Returns the rows of all pages of a list, and the number of pages. */
async function walk(query: Query, token = organizer): Promise<{ rows: Row[]; pages: number }> {
  const rows: Row[] = []
  let cursor: Query = {}
  for (let pages = 1; ; pages += 1) {
    const { items, nextCursor } = await page({ limit: '100', ...query, ...cursor }, token)
    rows.push(...items)
    if (nextCursor === null) return { rows, pages }
    cursor = { cursor: nextCursor }
  }
}

const actionsOf = async (query: Query, token = organizer) => (await walk(query, token)).rows.map(({ action }) => action)

const post = async (path: string, token: string, body: object) =>
  expectBody(z.looseObject({}), await app.send('POST', path, { token, body }))

async function idOf({ reference }: Booked): Promise<string> {
  const { rows } = await app.db.database.pool.query<{ id: string }>('select id from bookings where reference = $1', [
    reference,
  ])
  return z.object({ id: z.uuid() }).parse(rows[0]).id
}

const confirm = (booked: Booked) =>
  post(`/v1/bookings/${booked.reference}/status`, staff, { status: 'confirmed', reason: 'in cash' })

describe('the filter', () => {
  test('by a reference returns the story of the booking with its payments, refunds and tickets, newest first', async () => {
    const booked = await app.book(seats())
    await app.pay(booked)
    await post(`/v1/bookings/${booked.reference}/refunds`, organizer, { amount: 100, reason: 'no sound' })
    const shown = await app.send('GET', `/v1/bookings/${booked.reference}/tickets`, { token: booked.token })
    const { items } = expectBody(z.object({ items: z.array(z.object({ token: z.string() })) }), shown)
    await post('/v1/check-ins', staff, { token: items[0]?.token, nonce: 'n', gate: 'North' })
    await post(`/v1/bookings/${booked.reference}/cancel`, organizer, { reason: 'the projector broke' })

    const { rows } = await walk({ entity: booked.reference })
    const story = rows.map(({ action, actor }) => `${action} by ${actor.split(':')[0] ?? ''}`)
    // Rows of one transaction have one time, and no order.
    expect(story.toSorted()).toEqual([
      'booking.cancelled by organizer',
      'booking.confirmed by provider',
      'booking.created by customer',
      'payment.completed by provider',
      'payment.started by customer',
      'refund.completed by system',
      'refund.completed by system',
      'refund.requested by organizer',
      'refund.requested by organizer',
      'ticket.checked_in by staff',
    ])
    expect(story.at(-1)).toBe('booking.created by customer')
    expect(rows.map(({ at }) => at)).toEqual(
      rows
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    )
    const cancelled = rows.find(({ action }) => action === 'booking.cancelled')
    expect(cancelled).toMatchObject({
      actor: organizerSubject,
      entity: 'booking',
      entityId: await idOf(booked),
      before: { status: 'confirmed' },
      after: { status: 'cancelled', reason: 'organizer', note: 'the projector broke' },
    })
    // Those of its payment alone, by kind and id.
    const payment = rows.find(({ entity }) => entity === 'payment')
    expect(await actionsOf({ entity: `payment:${payment?.entityId ?? ''}` })).toEqual([
      'payment.completed',
      'payment.started',
    ])
  })

  test('may be a reference in lower case, of letters alone too, with and without its kind', async () => {
    const booked = await app.book(seats())
    const letters = 'KMXQRHPA'
    const { rowCount } = await app.db.database.pool.query('update bookings set reference = $2 where reference = $1', [
      booked.reference,
      letters,
    ])
    expect(rowCount).toBe(1)
    for (const entity of [letters, letters.toLowerCase(), `booking:${letters}`, `booking:${letters.toLowerCase()}`]) {
      expect({ entity, actions: await actionsOf({ entity }) }).toEqual({ entity, actions: ['booking.created'] })
    }
  })

  test('may be an id, with and without its kind, in any case', async () => {
    const booked = await app.book(seats())
    await confirm(booked)
    const id = await idOf(booked)
    const own = ['booking.confirmed', 'booking.created']
    for (const entity of [id, id.toUpperCase(), `booking:${id}`, `booking:${id.toUpperCase()}`]) {
      expect({ entity, actions: await actionsOf({ entity }) }).toEqual({ entity, actions: own })
    }
    expect(await actionsOf({ entity: `payment:${id}` })).toEqual([])
    expect(await actionsOf({ entity: randomUUID() })).toEqual([])
    expect(await actionsOf({ entity: 'ZZZZZZZZ' })).toEqual([])
  })

  test('may be a kind', async () => {
    await confirm(await app.book(seats()))
    const { rows } = await walk({ entity: 'payment' })
    expect(rows.length).toBeGreaterThan(0)
    expect(new Set(rows.map(({ entity }) => entity))).toEqual(new Set(['payment']))
    expect(await walk({ entity: 'payment:' })).toEqual(await walk({ entity: 'payment' }))
    expect(await actionsOf({ entity: 'webhook_endpoint' })).toEqual([])
  })

  test('may be an action, an actor, or both', async () => {
    const booked = await app.book(seats())
    await confirm(booked)
    const { rows } = await walk({ action: 'booking.confirmed', entity: booked.reference })
    expect(rows.map(({ action }) => action)).toEqual(['booking.confirmed'])
    const byStaff = await walk({ actor: staffSubject })
    expect(new Set(byStaff.rows.map(({ actor }) => actor))).toEqual(new Set([staffSubject]))
    expect(byStaff.rows.map(({ action }) => action)).toContain('payment.completed')
    expect(await actionsOf({ actor: staffSubject, action: 'booking.created' })).toEqual([])
    expect(await actionsOf({ actor: staffSubject.slice(0, -1) })).toEqual([])
  })

  test('names the call that did it by its request id', async () => {
    const booked = await app.book(seats())
    const requestId = `shop-${randomUUID()}`
    const answer = await app.send('POST', `/v1/bookings/${booked.reference}/cancel`, {
      token: booked.token,
      headers: { 'X-Request-Id': requestId },
      body: {},
    })
    expect(answer.status).toBe(200)
    const [row] = (await walk({ entity: booked.reference, action: 'booking.cancelled' })).rows
    expect(row?.requestId).toBe(requestId)
  })
})

/** Writes rows of one entity as of these times, with all digits that the database has. */
async function insertRows(times: readonly string[], organizerId = house.organizerId): Promise<string> {
  const entityId = newId()
  // Ids are in order to the millisecond, and the rows of one instant come by their ids.
  const ids = times.map(newId).toSorted()
  for (const [index, at] of times.entries()) {
    await app.db.database.pool.query(
      `insert into audit (id, at, organizer_id, actor, action, entity, entity_id, after)
       values ($1, $2, $3, 'system', 'test.happened', 'test', $4, $5)`,
      [ids[index], at, organizerId, entityId, JSON.stringify({ index })],
    )
  }
  return entityId
}

const indexes = (rows: readonly Row[]) => rows.map(({ after }) => after?.['index'])

describe('pages', () => {
  test.each([1, 2, 3, 5, 10])('of %i rows skip and repeat nothing, also among rows of one instant', async (limit) => {
    const same = '2026-05-01T12:00:00.123456Z'
    const entity = await insertRows([same, same, same, same, same, same, same, same, same, same])
    const { rows, pages } = await walk({ entity, limit: String(limit) })
    expect(indexes(rows)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0])
    expect(pages).toBe(Math.ceil(10 / limit))
  })

  test('skip and repeat nothing among rows a microsecond apart', async () => {
    const entity = await insertRows([1, 1, 2, 2, 3, 3, 4].map((us) => `2026-05-01T12:00:00.00000${us}Z`))
    for (const limit of ['1', '2', '3']) {
      expect(indexes((await walk({ entity, limit })).rows)).toEqual([6, 5, 4, 3, 2, 1, 0])
    }
  })

  test('keep their place while newer rows come', async () => {
    const entity = await insertRows(Array.from({ length: 6 }, (_, index) => `2026-05-02T12:00:0${index}Z`))
    const first = await page({ entity, limit: '2' })
    expect(indexes(first.items)).toEqual([5, 4])
    await app.db.database.pool.query(
      `insert into audit (id, at, organizer_id, actor, action, entity, entity_id, after)
       values ($1, now(), $2, 'system', 'test.happened', 'test', $3, '{"index": 99}')`,
      [newId(), house.organizerId, entity],
    )
    const second = await page({ entity, limit: '2', cursor: first.nextCursor ?? '' })
    expect(indexes(second.items)).toEqual([3, 2])
    expect(indexes((await page({ entity, limit: '1' })).items)).toEqual([99])
  })

  test('are 20 rows unless asked for otherwise', async () => {
    const entity = await insertRows(Array.from({ length: 21 }, () => '2026-05-03T12:00:00Z'))
    const first = await page({ entity })
    expect(first.items).toHaveLength(20)
    const rest = await page({ entity, cursor: first.nextCursor ?? '' })
    expect(indexes(rest.items)).toEqual([0])
    expect(rest.nextCursor).toBeNull()
  })
})

describe('a time', () => {
  test('from is included, to is not', async () => {
    const times = ['2026-06-01T10:00:00Z', '2026-06-01T11:00:00Z', '2026-06-01T12:00:00Z']
    const entity = await insertRows(times)
    const between = async (from: string | null, to: string | null) =>
      indexes((await walk({ entity, ...(from !== null && { from }), ...(to !== null && { to }) })).rows)
    expect(await between('2026-06-01T11:00:00Z', null)).toEqual([2, 1])
    expect(await between(null, '2026-06-01T11:00:00Z')).toEqual([0])
    expect(await between('2026-06-01T10:00:00Z', '2026-06-01T12:00:00Z')).toEqual([1, 0])
    expect(await between('2026-06-01T12:00:00+01:00', '2026-06-01T12:00:00Z')).toEqual([1])
    expect(await between('2026-06-01T12:00:00Z', '2026-06-01T11:00:00Z')).toEqual([])
  })
})

describe('an organizer', () => {
  test('sees what is its own and nothing else, whatever it asks for', async () => {
    const booked = await app.book({ resource: { type: 'showtime', id: other.showtimeId }, seats: ['A1'] })
    await app.pay(booked)
    const id = await idOf(booked)
    const foreign = await insertRows(['2026-07-01T12:00:00Z'], other.organizerId)
    for (const entity of [booked.reference, id, `booking:${id}`, foreign]) {
      expect(await walk({ entity })).toEqual({ rows: [], pages: 1 })
      expect((await walk({ entity }, admin)).rows.length).toBeGreaterThan(0)
    }
    const { rows: own } = await walk({})
    const { rows: all } = await walk({}, admin)
    const stranger = await signTestToken('organizer', { organizerId: other.organizerId })
    const { rows: theirs } = await walk({}, stranger)
    const ids = (rows: readonly Row[]) => rows.map((row) => row.id)
    expect(ids(own).filter((row) => ids(theirs).includes(row))).toEqual([])
    expect(ids(all)).toEqual(expect.arrayContaining([...ids(own), ...ids(theirs)]))
    expect(ids(theirs).length).toBeGreaterThan(0)
    expect(new Set(ids(all)).size).toBe(all.length)
  })

  test('does not get further with the cursor of an admin', async () => {
    const foreign = await insertRows(['2026-07-02T12:00:00Z', '2026-07-02T12:00:01Z'], other.organizerId)
    const { nextCursor } = await page({ entity: foreign, limit: '1' }, admin)
    expect((await page({ entity: foreign, cursor: nextCursor ?? '' })).items).toEqual([])
    expect((await page({ entity: foreign, cursor: nextCursor ?? '' }, admin)).items).toHaveLength(1)
  })
})

describe('a whole life, with all that can go wrong in it', () => {
  let paid: Booked
  beforeAll(async () => {
    paid = await live()
  })

  test('leaves no e-mail address, name or telephone number in the audit and the outgoing events', async () => {
    const everything = await app.db.database.pool.query<{ text: string }>(
      'select row_to_json(a)::text as text from audit a union all select row_to_json(o)::text from outbox o',
    )
    expect(everything.rows.length).toBeGreaterThan(50)
    const digits = customer.phone.replaceAll(' ', '')
    const personal = [customer.email, 'ada.lovelace', 'example.org', customer.name, 'Lovelace', customer.phone, digits]
    for (const { text } of everything.rows) {
      for (const secret of personal) expect(text.toLowerCase()).not.toContain(secret.toLowerCase())
    }
    // They are where they belong, so the search would have found them.
    const { rows } = await app.db.database.pool.query<{ text: string }>(
      'select row_to_json(b)::text as text from bookings b where reference = $1',
      [paid.reference],
    )
    for (const secret of [customer.email, customer.name, customer.phone]) expect(rows[0]?.text).toContain(secret)
  })

  test('tells of itself in outgoing events that are of their types to the last field', async () => {
    const schemas = new Map<string, z.ZodType>(
      OUTGOING_EVENT_TYPES.map((type) => [type, dataSchema(type, z.strictObject)]),
    )
    const { rows } = await app.db.database.pool.query<{ type: string; payload: unknown }>(
      'select type, payload from outbox',
    )
    expect(rows.length).toBeGreaterThan(20)
    for (const { type, payload } of rows) {
      expect({ type, payload, ...schemas.get(type)?.safeParse(payload) }).toMatchObject({ type, success: true })
    }
  })
})

async function live(): Promise<Booked> {
  const paid = await app.book(seats(2))
  const opened = await app.startPayment(paid)
  await app.play(opened.checkoutUrl, { action: 'decline' })
  const awaitPaid = (booking: object) =>
    eventually(async () => {
      const { body } = await app.send('GET', `/v1/bookings/${paid.reference}`, { token: paid.token })
      expect(body).toMatchObject(booking)
    }, BUSY)
  // One after the other, for a report of a declined card that comes after that of the payment is old.
  await awaitPaid({ payments: [{ declines: 1 }] })
  await app.play(opened.checkoutUrl, { action: 'approve' })
  await awaitPaid({ status: 'confirmed' })
  await post(`/v1/bookings/${paid.reference}/refunds`, organizer, { amount: 50, reason: 'no heating' })
  const shown = await app.send('GET', `/v1/bookings/${paid.reference}/tickets`, { token: paid.token })
  const { items } = expectBody(z.object({ items: z.array(z.object({ token: z.string() })) }), shown)
  await post('/v1/check-ins', staff, { token: items[0]?.token, nonce: 'n', gate: 'North' })
  await post(`/v1/bookings/${paid.reference}/cancel`, staff, { reason: 'fire alarm' })

  const wrong = await app.book(seats())
  await app.play((await app.startPayment(wrong)).checkoutUrl, { action: 'approve_wrong_amount' })
  const failed = await app.book(seats())
  await app.play((await app.startPayment(failed)).checkoutUrl, { action: 'fail' })
  const late = await app.book(seats())
  const page2 = await app.startPayment(late)
  await app.db.database.pool.query(
    `update bookings set expires_at = now() - interval '1 second' where reference = $1`,
    [late.reference],
  )
  await expireHolds(app.lifecycle)
  await app.play(page2.checkoutUrl, { action: 'approve' })
  const wanted = seats()
  const absent = await app.book(wanted)
  await confirm(absent)
  await post(`/v1/bookings/${absent.reference}/status`, staff, { status: 'no_show', reason: 'nobody came' })
  const own = await app.book(seats())
  await post(`/v1/bookings/${own.reference}/cancel`, own.token, { reason: 'other plans' })
  await expect(app.book(wanted)).rejects.toThrow('seat_unavailable')

  const actions = await eventually(async () => {
    await sendDueRefunds(app.lifecycle)
    const { rows } = await walk({})
    const known = new Set(rows.map(({ action }) => action))
    expect([...known]).toEqual(
      expect.arrayContaining([
        'booking_request.refused',
        'booking.created',
        'booking.confirmed',
        'booking.cancelled',
        'booking.reinstated',
        'booking.no_show',
        'payment.started',
        'payment.declined',
        'payment.completed',
        'payment.failed',
        'payment.refused',
        'refund.requested',
        'refund.completed',
        'ticket.checked_in',
      ]),
    )
    return known
  }, BUSY)
  expect(actions.size).toBeGreaterThanOrEqual(14)
  return paid
}
