import { compactVerify, createRemoteJWKSet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestView } from '@boxoffice/core/booking-requests/request-view.ts'
import { givenShowtime } from '../support/catalogue.ts'
import { findViolations } from '../support/lifecycle-invariants.ts'
import {
  awaitStatus,
  bookingIdOf,
  letEnd,
  type LifecycleStage,
  openLifecycleStage,
  STAGE_WITHIN_MS,
  soon,
} from '../support/lifecycle-stage.ts'
import type { LifecycleClient, StartedPayment, TicketView } from '../support/lifecycle-client.ts'
import { signTestToken } from '../support/tokens.ts'

/** The life of one booking from the line to the evening after, over HTTP, on the embedded start. */

const HOUR_MS = 3_600_000
const TOTAL = 2_060

const STEPS = [
  'booking.created',
  'payment.started',
  'payment.completed',
  'booking.confirmed',
  'ticket.checked_in',
  'booking.completed',
]

let boxoffice: LifecycleStage
let buyer: LifecycleClient
let buyerToken: string
let showtimeId: string

let reference: string
let payment: StartedPayment
let tickets: readonly TicketView[]

beforeAll(async () => {
  boxoffice = await openLifecycleStage({ refuseFirst: 1 })
  const { organizerId, db, client } = boxoffice
  const subject = 'somebody'
  buyer = await client('customer', { subject })
  buyerToken = await signTestToken('customer', { subject })
  const startsAt = new Date(Date.now() + HOUR_MS)
  ;({ showtimeId } = await givenShowtime(db.database, { organizerId, startsAt, price: 1_000 }))
}, STAGE_WITHIN_MS)
afterAll(() => boxoffice?.close())

function fetchOwn(path: string): Promise<Response> {
  return fetch(`${boxoffice.url}${path}`, { headers: { authorization: `Bearer ${buyerToken}` } })
}

describe('a booking', () => {
  it('begins as a request that is accepted with 202, and is pending once it is decided', async () => {
    const accepted = await fetch(`${boxoffice.url}/v1/booking-requests`, {
      method: 'POST',
      headers: { authorization: `Bearer ${buyerToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({
        resource: { type: 'showtime', id: showtimeId },
        seats: ['A1', 'A2'],
        customer: { name: 'Ada Lovelace', email: 'ada@example.org' },
      }),
    })
    expect(accepted.status).toBe(202)
    const decided = await buyer.send('GET', accepted.headers.get('location') ?? '')
    expect(decided).toMatchObject({
      status: 200,
      body: { state: 'booked', booking: { status: 'pending', paymentStatus: 'pending', total: TOTAL } },
    })
    const { booking, decidedAt } = decided.body as RequestView
    reference = booking?.reference ?? ''
    const heldMs = Date.parse(booking?.expiresAt ?? '') - Date.parse(decidedAt ?? '')
    expect(heldMs).toBe(600_000)
  })

  it('has no tickets as long as it is pending', async () => {
    expect(await buyer.send('GET', `/v1/bookings/${reference}/tickets`)).toMatchObject({
      status: 409,
      body: { code: 'not_confirmed', current: 'pending' },
    })
  })

  it('is paid on a page of the provider, whose report confirms it', async () => {
    const started = await buyer.startPayment(reference, { returnUrl: 'https://shop.example.org/thanks' })
    expect(started).toMatchObject({ status: 201, body: { status: 'pending' } })
    payment = started.body as StartedPayment
    const page = await fetch(payment.checkoutUrl, { headers: { accept: 'text/html' } })
    expect(page.headers.get('content-type')).toMatch(/^text\/html/)
    expect(await page.text()).toContain('https://shop.example.org/thanks')
    const paid = await fetch(payment.checkoutUrl, {
      method: 'POST',
      headers: { accept: 'text/html' },
      body: new URLSearchParams({ action: 'approve' }),
      redirect: 'manual',
    })
    expect(paid.status).toBe(303)

    const booking = await awaitStatus(buyer, reference, 'confirmed')
    expect(booking).toMatchObject({
      paymentStatus: 'completed',
      expiresAt: null,
      refunded: 0,
      payments: [{ id: payment.paymentId, provider: 'sandbox', status: 'completed', captured: TOTAL }],
    })
  })

  it('has a ticket for each seat, which the published keys alone are enough to verify', async () => {
    tickets = await buyer.tickets(reference)
    expect(tickets).toMatchObject([
      { seat: 'A1', category: 'Standard', status: 'issued', checkedIn: null },
      { seat: 'A2', category: 'Standard', status: 'issued', checkedIn: null },
    ])
    const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', boxoffice.url))
    const claims = []
    for (const { token } of tickets) {
      const { payload, protectedHeader } = await compactVerify(token, keys)
      expect(protectedHeader.alg).toBe('EdDSA')
      claims.push(JSON.parse(new TextDecoder().decode(payload)))
    }
    expect(claims).toMatchObject([{ s: 'A1' }, { s: 'A2' }])
    const [first, second] = tickets.map(({ token }) => token.split('.'))
    const forged = [first?.[0], second?.[1], first?.[2]].join('.')
    await expect(compactVerify(forged, keys)).rejects.toThrow('signature verification failed')
  })

  it.each([
    ['as a QR code in SVG', () => `/v1/tickets/${tickets[0]?.id}/qr.svg`, 'image/svg+xml', '<svg'],
    ['as a QR code in PNG', () => `/v1/tickets/${tickets[0]?.id}/qr.png`, 'image/png', '\u{89}PNG'],
    ['as a PDF', () => `/v1/bookings/${reference}/tickets.pdf`, 'application/pdf', '%PDF-'],
  ])('shows its tickets %s', async (_, path, type, beginning) => {
    const response = await fetchOwn(path())
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(type)
    const content = Buffer.from(await response.arrayBuffer()).toString('latin1')
    expect(content.slice(0, beginning.length)).toBe(beginning)
  })

  it('shows its tickets to nobody else', async () => {
    const stranger = await boxoffice.client()
    const [ticket] = tickets
    for (const path of [`/v1/bookings/${reference}/tickets`, `/v1/tickets/${ticket?.id}/qr.svg`]) {
      expect(await stranger.send('GET', path)).toMatchObject({ status: 404, body: { code: 'not_found' } })
    }
  })

  it('lets in on the first scan of a ticket, and says on the second when and where that was', async () => {
    const { staff } = boxoffice
    const [ticket = { token: '' }] = tickets
    const admitted = await staff.scan(ticket, { gate: 'Main door', nonce: 'first' })
    expect(admitted).toMatchObject({
      status: 200,
      body: { result: 'admitted', firstScan: null, ticket: { reference, seat: 'A1', status: 'checked_in' } },
    })
    expect(await staff.scan(ticket, { gate: 'Main door', nonce: 'first' })).toMatchObject({
      body: { result: 'admitted' },
    })
    expect(await staff.scan(ticket, { gate: 'Side door' })).toMatchObject({
      status: 200,
      body: { result: 'already_used', firstScan: { at: expect.any(String), gate: 'Main door' } },
    })
    const [used, unused] = await buyer.tickets(reference)
    expect(used).toMatchObject({ status: 'checked_in', checkedIn: { gate: 'Main door' } })
    expect(unused).toMatchObject({ status: 'issued', checkedIn: null })
  })

  it('is completed once the show is over', async () => {
    await letEnd(boxoffice, showtimeId)
    expect(await awaitStatus(buyer, reference, 'completed')).toMatchObject({ paymentStatus: 'completed' })
  })
})

describe('afterwards', () => {
  it('the organizer reads every step in order, with who took it', async () => {
    const audit = await boxoffice.organizer.audit(reference)
    expect(audit.map(({ action }) => action)).toEqual(STEPS)
    expect(audit.map(({ actor }) => actor)).toEqual([
      'somebody',
      'somebody',
      'provider:sandbox',
      'provider:sandbox',
      expect.stringMatching(/^staff:/),
      'system',
    ])
    expect(audit.at(-1)).toMatchObject({ before: { status: 'confirmed' }, after: { status: 'completed' } })
    // `ada` alone is not searched for, because three digits of an id may be that.
    expect(JSON.stringify(audit)).not.toMatch(/ada lovelace|ada@/i)
  })

  it('the audit is for the organizer alone', async () => {
    expect(await buyer.send('GET', '/v1/audit')).toMatchObject({ status: 403, body: { code: 'forbidden' } })
    const other = await boxoffice.client('organizer', { organizerId: '0199a000-0000-7000-8000-00000000dead' })
    expect(await other.audit(reference)).toEqual([])
  })

  it('each event has arrived, signed and in order, although the receiver failed at first', async () => {
    const { receiver, organizerId } = boxoffice
    const id = await bookingIdOf(boxoffice, reference)
    const events = await soon(() => {
      const arrived = receiver.events(id)
      expect(arrived.length).toBeGreaterThanOrEqual(STEPS.length)
      return arrived
    })
    expect(receiver.complaints).toEqual([])
    expect(events.map(({ seq, type }) => [seq, type])).toEqual(STEPS.map((type, index) => [index + 1, type]))
    for (const event of events)
      expect(event).toMatchObject({ organizerId, data: { reference, resourceId: showtimeId } })
    const first = events[0]?.id
    expect(receiver.refused(id)).toEqual([first])
  })

  it('the tables contradict each other nowhere, and no bug was logged', async () => {
    expect(await findViolations(boxoffice.db)).toEqual([])
    // The refusals of the receiver show that the logs are seen at all.
    expect(boxoffice.output()).toContain('a webhook endpoint does not take what it is sent')
    expect(boxoffice.output()).not.toMatch(/internal_error|"level":60/)
  })
})
