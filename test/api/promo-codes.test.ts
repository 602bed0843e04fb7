import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createBatch } from '@boxoffice/contract/operations/management-promo-codes.ts'
import { managedEvent, promoCode } from '@boxoffice/contract/schemas/management.ts'
import { createPromoCodes } from '@boxoffice/core/catalogue/create-promo-codes.ts'
import { inTransaction } from '@boxoffice/core/db/transaction.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import { holdLock, waitForBlocked } from '../support/locks.ts'
import { signTestToken } from '../support/tokens.ts'
import { expectBody, problemSchema, sharedLifecycleApp } from './start-lifecycle-app.ts'

let organizerId: string
let organizer: string
let other: string
let buyer: string
const app = sharedLifecycleApp()
beforeAll(async () => {
  buyer = await signTestToken('customer')
})
beforeEach(async () => {
  organizerId = (await givenOrganizer(app.db.database)).organizerId
  organizer = await signTestToken('organizer', { organizerId })
  other = await signTestToken('organizer', { organizerId: (await givenOrganizer(app.db.database)).organizerId })
})

const batchSchema = createBatch.answers[201].schema

const send = (
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
  token = organizer,
) => app.send(method, path, { token, body, headers })

/** Creates an event with Student, Full and a hidden Presale type, and returns it with the ids of the types. */
async function givenFair(more: object = {}) {
  const answer = await send('POST', '/v1/events', {
    title: 'Fair',
    venue: 'Park',
    timeZone: 'Europe/Lisbon',
    startsAt: '2040-12-27T18:00:00Z',
    endsAt: '2040-12-28T23:00:00Z',
    currency: 'EUR',
    status: 'published',
    ticketTypes: [
      { name: 'Student', price: 1000, capacity: 50 },
      { name: 'Full', price: 2000, capacity: 50 },
      { name: 'Presale', price: 500, capacity: 50, hidden: true },
    ],
    ...more,
  })
  expect([answer.status, answer.text]).toEqual([201, answer.text])
  const event = expectBody(managedEvent, answer)
  const [student = '', full = '', presale = ''] = event.ticketTypes.map(({ id }) => id)
  return { event, student, full, presale, resource: { type: 'event', id: event.id } }
}

async function makeCode(body: object) {
  const answer = await send('POST', '/v1/promo-codes', { kind: 'percent', value: 2500, ...body })
  expect([answer.status, answer.text]).toEqual([201, answer.text])
  return expectBody(promoCode, answer)
}

async function quote(body: object): Promise<unknown> {
  const answer = await app.send('POST', '/v1/quotes', { token: buyer, body })
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return answer.body
}

const refusalOf = async (answer: ReturnType<typeof send>) => {
  const { status, body } = await answer
  const { code, errors, ...facts } = problemSchema.parse(body)
  return { status, code, at: errors.map(({ pointer }) => pointer), details: errors.map(({ detail }) => detail), facts }
}

describe('a promo code with scopes', () => {
  test('discounts what it is for, counts it, and gives it back', async () => {
    const { student, full, resource } = await givenFair()
    const code = await makeCode({
      code: 'STUDENT',
      ticketTypeIds: [student, student],
      maxTickets: 3,
      maxTicketsPerBooking: 2,
    })
    expect(code).toMatchObject({ ticketTypeIds: [student], maxTickets: 3, maxTicketsPerBooking: 2, tickets: 0 })
    const asked = (quantity: number) => ({
      resource,
      promoCode: 'student',
      tickets: [
        { ticketTypeId: student, quantity },
        { ticketTypeId: full, quantity: 3 },
      ],
    })
    expect(await quote(asked(2))).toMatchObject({
      subtotal: 8000,
      discount: 500,
      lines: [{ discount: 500 }, { discount: 0 }],
    })
    expect(await quote(asked(3))).toMatchObject({ refusal: { code: 'promo_exhausted', available: 2 } })
    const booked = await app.book(asked(2))
    const patch = (changes: object) => send('PATCH', `/v1/promo-codes/${code.id}`, changes)
    expect(await refusalOf(patch({ maxTickets: 1 }))).toMatchObject({
      status: 409,
      code: 'in_use',
      facts: { tickets: 2 },
    })
    expect(await quote(asked(2))).toMatchObject({ refusal: { code: 'promo_exhausted', available: 1 } })
    expect(expectBody(promoCode, await patch({ ticketTypeIds: [full], maxTickets: 2 }))).toMatchObject({ tickets: 2 })
    await app.send('POST', `/v1/bookings/${booked.reference}/cancel`, { token: booked.token, body: {} })
    expect(expectBody(promoCode, await send('GET', `/v1/promo-codes/${code.id}`))).toMatchObject({
      redeemed: 0,
      tickets: 0,
    })
  })

  test('names ticket types of its organizer alone', async () => {
    const { student, presale } = await givenFair()
    const body = { code: 'X', kind: 'percent', value: 1000 }
    for (const scope of [{ ticketTypeIds: [student] }, { opensTicketTypeIds: [presale] }]) {
      expect(await refusalOf(send('POST', '/v1/promo-codes', { ...body, ...scope }, {}, other))).toMatchObject({
        status: 404,
      })
    }
    expect(await refusalOf(send('POST', '/v1/promo-codes', { ...body, ticketTypeIds: [] }))).toMatchObject({
      status: 400,
    })
  })

  test('tells a guesser no more than one that does not exist', async () => {
    const { student, full, presale, resource } = await givenFair()
    await makeCode({ code: 'STUDENT', ticketTypeIds: [student] })
    await makeCode({ code: 'PRESALE', value: 0, opensTicketTypeIds: [presale] })
    const ask = (promoCode: string, ticketTypeId: string) =>
      quote({ resource, promoCode, tickets: [{ ticketTypeId, quantity: 1 }] })
    for (const code of ['STUDENT', 'PRESALE']) expect(await ask(code, full)).toEqual(await ask('NOSUCHCODE', full))
    expect(await ask('STUDENT', presale)).toEqual(await ask('NOSUCHCODE', presale))
    expect(await ask('NOSUCHCODE', presale)).toMatchObject({ refusal: { code: 'code_required' } })
  })
})

describe('a hidden ticket type', () => {
  test('is seen by its organizer, and sold only with a code that opens it', async () => {
    const { event, presale, resource } = await givenFair()
    const names = (body: unknown) =>
      z
        .looseObject({ ticketTypes: z.array(z.looseObject({ name: z.string() })) })
        .parse(body)
        .ticketTypes.map(({ name }) => name)
    for (const path of [`/v1/events/${event.id}`, `/v1/events/${event.id}/availability`]) {
      const answer = await app.send('GET', path, { token: null })
      expect([path, names(answer.body)]).toEqual([path, ['Student', 'Full']])
      expect(answer.text).not.toContain(presale)
    }
    const own = expectBody(managedEvent, await send('GET', `/v1/organizer/events/${event.id}`))
    expect(own.ticketTypes.map(({ name, hidden }) => [name, hidden])).toEqual([
      ['Student', false],
      ['Full', false],
      ['Presale', true],
    ])
    await makeCode({ code: 'FANCLUB', value: 0, opensTicketTypeIds: [presale], maxTicketsPerBooking: 2 })
    const tickets = [{ ticketTypeId: presale, quantity: 2 }]
    expect(await quote({ resource, tickets })).toMatchObject({ refusal: { code: 'code_required' } })
    expect(await quote({ resource, tickets, promoCode: 'fanclub' })).toMatchObject({
      bookable: true,
      discount: 0,
      subtotal: 1000,
    })
    await app.book({ resource, tickets, promoCode: 'FANCLUB' })
    await expect(app.book({ resource, tickets })).rejects.toThrow('code_required')
  })

  test('is all that a code without a discount is for', async () => {
    const body = { code: 'NOTHING', kind: 'percent', value: 0 }
    expect(await refusalOf(send('POST', '/v1/promo-codes', body))).toMatchObject({ status: 400, at: ['/value'] })
    const { presale } = await givenFair()
    const code = await makeCode({ code: 'OPENS', value: 0, opensTicketTypeIds: [presale] })
    const change = send('PATCH', `/v1/promo-codes/${code.id}`, { opensTicketTypeIds: null })
    expect(await refusalOf(change)).toMatchObject({ status: 400, at: ['/value'] })
  })
})

describe('quotas', () => {
  const quotas = [{ name: 'Saturday', capacity: 3, ticketTypes: ['Student', 'Presale'] }]

  test('share a capacity over ticket types, in decisions and in availability', async () => {
    const { event, student, presale, full, resource } = await givenFair({ quotas })
    const types = [
      { id: student, name: 'Student' },
      { id: presale, name: 'Presale' },
    ]
    expect(event.quotas).toEqual([{ name: 'Saturday', capacity: 3, sold: 0, ticketTypes: types }])
    await makeCode({ code: 'FANCLUB', value: 0, opensTicketTypeIds: [presale] })
    await app.book({ resource, tickets: [{ ticketTypeId: presale, quantity: 2 }], promoCode: 'FANCLUB' })
    const available = async () => {
      const { body } = await app.send('GET', `/v1/events/${event.id}/availability`, { token: null })
      const shown = z
        .looseObject({ ticketTypes: z.array(z.looseObject({ id: z.string(), available: z.int() })) })
        .parse(body)
      return shown.ticketTypes.map((type) => [type.id, type.available])
    }
    await expect.poll(available).toEqual([
      [student, 1],
      [full, 50],
    ])
    expect(await quote({ resource, tickets: [{ ticketTypeId: student, quantity: 2 }] })).toMatchObject({
      refusal: { code: 'quota_exhausted', available: 1 },
    })

    const patch = (changes: object) => send('PATCH', `/v1/events/${event.id}`, changes)
    expect(await refusalOf(patch({ quotas: [{ ...quotas[0], capacity: 1 }] }))).toMatchObject({
      status: 409,
      code: 'in_use',
      facts: { sold: 2 },
    })
    const added = await send('POST', `/v1/events/${event.id}/ticket-types`, { name: 'Late', price: 1, capacity: 9 })
    expect(added.status).toBe(201)
    const wanted = [{ name: 'Weekend', capacity: 5, ticketTypes: ['Late', presale, 'Late'] }]
    const changed = expectBody(managedEvent, await patch({ quotas: wanted }))
    expect(changed.quotas).toMatchObject([
      { capacity: 5, sold: 2, ticketTypes: [{ name: 'Presale' }, { name: 'Late' }] },
    ])
    expect(expectBody(managedEvent, await patch({ quotas: [] })).quotas).toEqual([])
  })

  test('name ticket types of the event, of which unknown ones are told by pointer', async () => {
    const { event } = await givenFair()
    await send('POST', `/v1/events/${event.id}/ticket-types`, { name: 'Full', price: 1, capacity: 9 })
    const change = send('PATCH', `/v1/events/${event.id}`, {
      quotas: [
        { name: 'A', capacity: 1, ticketTypes: ['Student', 'Nobody'] },
        { name: 'A', capacity: 1, ticketTypes: ['Full'] },
      ],
    })
    expect(await refusalOf(change)).toMatchObject({
      status: 400,
      at: ['/quotas/0/ticketTypes/1', '/quotas/1/name', '/quotas/1/ticketTypes/0'],
    })
  })
})

describe('a batch of promo codes', () => {
  const body = { count: 2_500, prefix: 'early-', kind: 'percent', value: 2000, maxTickets: 1 }

  test('has as many codes as were asked for, none of which is alike or can be guessed', async () => {
    const { resource, student } = await givenFair()
    const scope = { resourceIds: [resource.id], ticketTypeIds: [student], maxRedemptions: 1 }
    const answer = await send('POST', '/v1/promo-codes/batch', { ...body, ...scope })
    expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, ''])
    const { items } = expectBody(batchSchema, answer)
    expect(new Set(items.map(({ id }) => id)).size).toBe(2_500)
    expect(new Set(items.map(({ code }) => code)).size).toBe(2_500)
    for (const { code } of items) expect(code).toMatch(/^EARLY-[A-HJKMNP-Z2-9]{8}$/)

    const [first, last] = [items[0], items.at(-1)]
    expect(expectBody(promoCode, await send('GET', `/v1/promo-codes/${last?.id}`))).toMatchObject({
      ...scope,
      code: last?.code,
      maxTickets: 1,
      tickets: 0,
    })
    const tickets = [{ ticketTypeId: student, quantity: 1 }]
    await app.book({ resource, promoCode: last?.code, tickets })
    await expect(app.book({ resource, promoCode: last?.code, tickets })).rejects.toThrow('promo_exhausted')
    await app.book({ resource, promoCode: first?.code.toLowerCase(), tickets })

    const listed = await send('GET', '/v1/promo-codes?prefix=early-&limit=100')
    const page = z.looseObject({ items: z.array(promoCode), nextCursor: z.string() }).parse(listed.body)
    expect(page.items.map(({ code }) => code)).toEqual(
      items
        .slice(-100)
        .reverse()
        .map(({ code }) => code),
    )
    expect((await send('GET', '/v1/promo-codes?prefix=%00')).status).toBe(400)
    expect((await send('GET', '/v1/promo-codes?prefix=late-')).body).toEqual({ items: [], nextCursor: null })
    expect((await send('GET', '/v1/promo-codes?prefix=early-', undefined, {}, other)).body).toEqual({
      items: [],
      nextCursor: null,
    })
  })

  test('is CSV for whoever asks for that, and the same under its idempotency key', async () => {
    const headers = { 'Idempotency-Key': 'batch-1', Accept: 'text/csv' }
    const csv = await send('POST', '/v1/promo-codes/batch', { ...body, count: 2_001 }, headers)
    expect([csv.status, csv.headers.get('content-type')]).toEqual([201, 'text/csv; charset=utf-8; header=present'])
    const [header, ...codes] = csv.text.trimEnd().split('\r\n')
    expect([header, codes.length]).toEqual(['code', 2_001])

    const again = await send(
      'POST',
      '/v1/promo-codes/batch',
      { ...body, count: 2_001 },
      { 'Idempotency-Key': 'batch-1' },
    )
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true'])
    expect(expectBody(batchSchema, again).items.map(({ code }) => code)).toEqual(codes)
    const another = send('POST', '/v1/promo-codes/batch', { ...body, count: 2_002 }, headers)
    expect(await refusalOf(another)).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
  })

  test('is one audit row and one event, in which no code is', async () => {
    const { items } = expectBody(batchSchema, await send('POST', '/v1/promo-codes/batch', { ...body, count: 30 }))
    const { rows } = await app.db.database.pool.query<{ entity_id: string; payload: object }>(
      `select o.entity_id, o.payload from audit a join outbox o on o.id = a.id
       where a.organizer_id = $1 and a.action = 'promo_code.batch_created'`,
      [organizerId],
    )
    expect(rows).toMatchObject([{ entity_id: items[0]?.id, payload: { count: 30, prefix: 'EARLY-', value: 2000 } }])
    for (const { code } of items) expect(JSON.stringify(rows)).not.toContain(code)
  })

  test('draws a code again that the organizer has', async () => {
    await makeCode({ code: 'A-TAKEN' })
    const drawn = ['TAKEN', 'ONE', 'TWO', 'TWO', 'THREE']
    const input = {
      actor: 'test',
      requestId: null,
      organizerId,
      count: 4,
      prefix: 'A-',
      kind: 'percent',
      value: 1,
    } as const
    const draw = () => drawn.shift() ?? 'FOUR'
    const batchId = await inTransaction(app.db.database, (tx) => createPromoCodes(tx, input, draw))
    const { rows } = await app.db.database.pool.query(
      'select p.code from promo_codes p join promo_code_state s on s.promo_code_id = p.id where p.id >= $1 order by p.code',
      [batchId],
    )
    expect(rows).toEqual(['A-FOUR', 'A-ONE', 'A-THREE', 'A-TWO'].map((code) => ({ code })))
  })

  test('takes terms as a single code does, and bounds what it writes', async () => {
    const refused = (changes: object) => refusalOf(send('POST', '/v1/promo-codes/batch', { ...body, ...changes }))
    expect(await refused({ count: 100_001 })).toMatchObject({ at: ['/count'] })
    expect(await refused({ count: 0 })).toMatchObject({ at: ['/count'] })
    expect(await refused({ length: 7 })).toMatchObject({ at: ['/length'] })
    expect(await refused({ prefix: 'A'.repeat(20), length: 21 })).toMatchObject({ at: ['/length'] })
    expect(await refused({ prefix: '-A' })).toMatchObject({ at: ['/prefix'] })
    expect(await refused({ value: 0 })).toMatchObject({ at: ['/value'] })
    expect(await refused({ code: 'MINE' })).toMatchObject({ at: ['/code'] })
    const { resource } = await givenFair()
    const ids = Array.from({ length: 2 }, () => resource.id)
    expect(await refused({ count: 100_000, resourceIds: ids })).toMatchObject({ at: ['/resourceIds'] })
    const answer = send('POST', '/v1/promo-codes/batch', { ...body, resourceIds: [resource.id] }, {}, other)
    expect(await refusalOf(answer)).toMatchObject({ status: 404 })
    const { rows } = await app.db.database.pool.query('select count(*)::int from promo_codes where organizer_id = $1', [
      organizerId,
    ])
    expect(rows).toEqual([{ count: 0 }])
  })

  test('waits for the one before it, so that others are not kept waiting by an organizer of many', async () => {
    const held = await holdLock(app.db, 'select from organizers where id = $1 for update', [organizerId])
    try {
      const make = () => send('POST', '/v1/promo-codes/batch', { ...body, count: 1 })
      const own = [make(), make(), make()]
      await waitForBlocked(app.db, { by: held, count: 1 })
      const answer = await send('POST', '/v1/promo-codes/batch', { ...body, count: 1 }, {}, other)
      expect(answer.status).toBe(201)
      await held.release()
      expect((await Promise.all(own)).map(({ status }) => status)).toEqual([201, 201, 201])
    } finally {
      await held.release()
    }
  })
})
