import { beforeAll, describe, expect, it } from 'vitest'
import { booking } from '@boxoffice/contract/schemas/booking.ts'
import { bookingRequest } from '@boxoffice/contract/schemas/booking-request.ts'
import { type GivenEvent, givenEvent } from '../support/catalogue.ts'
import { signTestToken } from '../support/tokens.ts'
import { expectBody, sharedLifecycleApp } from './start-lifecycle-app.ts'

let event: GivenEvent
let token: string

const app = sharedLifecycleApp()
beforeAll(async () => {
  event = await givenEvent(app.db.database, { ticketTypes: [{ price: 0, capacity: 1_000 }] })
  token = await signTestToken('customer')
})

function body(metadata: unknown) {
  return {
    resource: { type: 'event', id: event.eventId },
    tickets: [{ ticketTypeId: event.ticketTypeIds[0], quantity: 1 }],
    customer: { name: 'Ada', email: 'ada@example.org' },
    metadata,
  }
}

/** Sends a booking request and waits for its outcome. */
const request = (metadata: unknown, key?: string) =>
  app.send('POST', '/v1/booking-requests', {
    token,
    headers: { Prefer: 'wait=20', ...(key !== undefined && { 'Idempotency-Key': key }) },
    body: body(metadata),
  })

/** Books, and returns the metadata that the booking shows. */
async function metadataOfBooking(metadata: unknown): Promise<unknown> {
  const decided = expectBody(bookingRequest, await request(metadata))
  const looked = await app.send('GET', `/v1/bookings/${decided.booking?.reference}`, { token })
  return expectBody(booking, looked).metadata
}

describe('the metadata of a booking', () => {
  it('says what a name must be like', async () => {
    expect(await request({ 'my order': '1' })).toMatchObject({
      body: { errors: [{ detail: 'Names have 1 to 40 letters, digits, _, ., : or -.' }] },
    })
  })

  it('is returned with it as it was sent', async () => {
    const metadata = { order: 'A-1042', seats: 2, vip: true, note: 'zwei Plätze, 🎟️' }
    expect(await metadataOfBooking(metadata)).toEqual(metadata)
  })

  it('is empty if none was sent', async () => {
    expect(await metadataOfBooking(undefined)).toEqual({})
  })

  it('belongs to the request under an idempotency key, in any order of its fields', async () => {
    const { id } = expectBody(bookingRequest, await request({ a: '1', b: '2' }, 'meta-1'))
    expect(await request({ b: '2', a: '1' }, 'meta-1')).toMatchObject({ body: { id } })
    expect(await request({ a: '1', b: '3' }, 'meta-1')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    })
  })

  it('may stand in a quote, so that a shop can quote what it will request', async () => {
    expect((await app.send('POST', '/v1/quotes', { token, body: body({ order: 'A-1042' }) })).status).toBe(200)
  })

  it.each([
    ['a list', ['A-1042'], '/metadata'],
    ['a nested object', { order: { id: 1 } }, '/metadata/order'],
    ['a name with a blank', { 'my order': '1' }, '/metadata/my order'],
    ['the name __proto__', JSON.parse('{"__proto__": "1"}'), '/metadata/__proto__'],
    ['a name of 41 characters', { ['n'.repeat(41)]: '1' }, `/metadata/${'n'.repeat(41)}`],
    ['a text of 501 characters', { order: 'x'.repeat(501) }, '/metadata/order'],
    ['U+0000', { order: 'a\u0000b' }, '/metadata/order'],
    [
      '4,097 bytes',
      { ...Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`f${n}`, 'x'.repeat(500)])), end: 'x'.repeat(23) },
      '/metadata',
    ],
    ['an integer that is no safe one', { order: 2 ** 53 }, '/metadata/order'],
    ['51 fields', Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`f${n}`, n])), '/metadata'],
  ])('is refused with %s', async (_what, metadata, pointer) => {
    const answer = await request(metadata)
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ pointer }] } })
  })
})
