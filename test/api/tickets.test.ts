import { randomUUID } from 'node:crypto'
import { compactVerify, createLocalJWKSet } from 'jose'
import { z } from 'zod'
import { beforeAll, describe, expect, test } from 'vitest'
import { verifyTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { shared } from '../support/shared.ts'
import { signTestToken } from '../support/tokens.ts'
import { readQrCodes } from '../tickets/qr-reader.ts'
import { readPdf } from '../tickets/read-pdf.ts'
import { type Booked, expectBody, seatDispenser, sharedLifecycleApp } from './start-lifecycle-app.ts'

let staff: string
const app = sharedLifecycleApp()
const house = shared(() => givenShowtime(app.db.database, { startsAt: new Date(Date.now() + 3_600_000) }))
const seats = seatDispenser(house)
beforeAll(async () => {
  staff = await signTestToken('staff', { organizerId: house.organizerId })
})

const admission = z.strictObject({ at: z.iso.datetime(), gate: z.string() }).nullable()
const common = { id: z.uuid(), token: z.string(), status: z.string(), checkedIn: admission }
const seatTicket = z.strictObject({
  ...common,
  seat: z.string(),
  section: z.null(),
  row: z.string(),
  number: z.string(),
  area: z.null(),
  rate: z.null(),
  rateName: z.null(),
  category: z.string(),
})
const typeTicket = z.strictObject({ ...common, ticketType: z.strictObject({ id: z.uuid(), name: z.string() }) })

const post = async (path: string, token: string, body: object) =>
  expectBody(z.looseObject({}), await app.send('POST', path, { token, body }))
const confirm = ({ reference }: Booked, token = staff) =>
  post(`/v1/bookings/${reference}/status`, token, { status: 'confirmed', reason: 'in cash' })

async function ticketsOf<Ticket extends z.ZodType>(booked: Booked, ticket: Ticket) {
  const answer = await app.send('GET', `/v1/bookings/${booked.reference}/tickets`, { token: booked.token })
  return expectBody(z.strictObject({ items: z.array(ticket) }), answer).items
}

async function confirmedSeats(count: number) {
  const selection = seats(count)
  const booked = await app.book(selection)
  await confirm(booked)
  return { booked, selection, tickets: await ticketsOf(booked, seatTicket) }
}

const bytesOf = async (path: string, token: string) => {
  const response = await fetch(`${app.url}${path}`, { headers: { Authorization: `Bearer ${token}` } })
  return { response, bytes: new Uint8Array(await response.arrayBuffer()) }
}

describe('the tickets of a booking', () => {
  test('are one for each seat, in the order of the booking', async () => {
    const { selection, tickets } = await confirmedSeats(3)
    expect(tickets.map(({ seat }) => seat)).toEqual(selection.seats)
    expect(new Set(tickets.map(({ token }) => token)).size).toBe(3)
    for (const { id, token, seat, ...rest } of tickets) {
      const named = {
        section: null,
        row: seat.slice(0, 1),
        number: seat.slice(1),
        area: null,
        rate: null,
        rateName: null,
      }
      expect(rest).toEqual({ status: 'issued', ...named, category: 'Standard', checkedIn: null })
      const claims = { ticketId: id, resourceId: house.showtimeId, seat, ticketTypeId: null }
      expect(verifyTicketToken(app.ticketKeys, token)).toEqual(claims)
    }
  })

  test('of an event are one for each admission', async () => {
    const ticketTypes = [
      { capacity: 9, name: 'Balcony' },
      { capacity: 9, name: 'Stalls' },
    ]
    const { eventId, organizerId, ticketTypeIds } = await givenEvent(app.db.database, { ticketTypes })
    const [balcony = '', stalls = ''] = ticketTypeIds
    const booked = await app.book({
      resource: { type: 'event', id: eventId },
      tickets: [
        { ticketTypeId: balcony, quantity: 2 },
        { ticketTypeId: stalls, quantity: 1 },
      ],
    })
    await confirm(booked, await signTestToken('staff', { organizerId }))
    const tickets = await ticketsOf(booked, typeTicket)
    expect(tickets.map(({ ticketType }) => ticketType)).toEqual([
      { id: balcony, name: 'Balcony' },
      { id: balcony, name: 'Balcony' },
      { id: stalls, name: 'Stalls' },
    ])
    expect(new Set(tickets.map(({ token }) => token)).size).toBe(3)
  })

  test('have the same tokens whenever they are shown', async () => {
    const { booked, tickets } = await confirmedSeats(2)
    expect(await ticketsOf(booked, seatTicket)).toEqual(tickets)
  })

  test('say when and where somebody came in', async () => {
    const { booked, tickets } = await confirmedSeats(2)
    await post('/v1/check-ins', staff, { token: tickets[0]?.token, nonce: 'n', gate: 'North' })
    const [used, unused] = await ticketsOf(booked, seatTicket)
    expect(used).toMatchObject({ status: 'checked_in', checkedIn: { gate: 'North' } })
    expect(unused).toMatchObject({ status: 'issued', checkedIn: null })
  })

  test('of a completed booking are still shown', async () => {
    const { booked, tickets } = await confirmedSeats(1)
    await post(`/v1/bookings/${booked.reference}/status`, staff, { status: 'completed', reason: 'came' })
    expect(await ticketsOf(booked, seatTicket)).toEqual(tickets)
  })

  test.each(['pending', 'cancelled', 'no_show'])('of a %s booking are not shown in any form', async (status) => {
    const booked = await app.book(seats())
    if (status !== 'pending') {
      await confirm(booked)
      await post(`/v1/bookings/${booked.reference}/status`, staff, { status, reason: 'x' })
    }
    const { rows } = await app.db.database.pool.query<{ id: string }>(
      'select t.id from tickets t join bookings b on b.id = t.booking_id where b.reference = $1',
      [booked.reference],
    )
    expect(rows).toHaveLength(status === 'pending' ? 0 : 1)
    for (const path of [
      `/v1/bookings/${booked.reference}/tickets`,
      `/v1/bookings/${booked.reference}/tickets.pdf`,
      ...rows.flatMap(({ id }) => [`/v1/tickets/${id}/qr.svg`, `/v1/tickets/${id}/qr.png`]),
    ]) {
      for (const token of [booked.token, staff]) {
        const answer = await app.send('GET', path, { token })
        expect(answer).toMatchObject({ status: 409, body: { code: 'not_confirmed', current: status } })
      }
    }
  })
})

describe('a QR code', () => {
  test('says the token of its ticket', async () => {
    const { booked, tickets } = await confirmedSeats(2)
    for (const { id, token } of tickets) {
      const png = await bytesOf(`/v1/tickets/${id}/qr.png`, booked.token)
      expect(png.response.status).toBe(200)
      expect(png.response.headers.get('content-type')).toBe('image/png')
      expect(png.response.headers.get('cache-control')).toBe('private, no-store')
      expect(png.response.headers.get('content-disposition')).toBe(`inline; filename="${id}.png"`)
      expect(await readQrCodes(png.bytes)).toEqual([token])
    }
  })

  test('is an SVG as well, also by its id in capitals and with HEAD', async () => {
    const { booked, tickets } = await confirmedSeats(1)
    const path = `/v1/tickets/${tickets[0]?.id.toUpperCase() ?? ''}/qr.svg`
    const svg = await app.send('GET', path, { token: booked.token })
    expect(svg.status).toBe(200)
    expect(svg.headers.get('content-type')).toBe('image/svg+xml')
    expect(svg.text).toMatch(/^<svg [^]*<\/svg>\s*$/)
    expect(svg.text).not.toContain('<script')
    const head = await app.send('HEAD', path, { token: booked.token })
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: '' })
  })
})

test('the PDF has a page for each ticket, with its code, its place and the reference', async () => {
  const { booked, selection, tickets } = await confirmedSeats(2)
  const { response, bytes } = await bytesOf(`/v1/bookings/${booked.reference}/tickets.pdf`, booked.token)
  expect(response.headers.get('content-type')).toBe('application/pdf')
  expect(response.headers.get('cache-control')).toBe('private, no-store')
  expect(response.headers.get('content-disposition')).toBe(`inline; filename="tickets-${booked.reference}.pdf"`)
  const { pages } = await readPdf(bytes)
  expect(pages.map(({ codes }) => codes)).toEqual(tickets.map(({ token }) => [token]))
  for (const [index, { text }] of pages.entries()) {
    expect(text).toContain(booked.reference)
    expect(text).toContain('A Film')
    const [, row = '', number = ''] = /^([A-Z]+)(\d+)$/.exec(selection.seats[index] ?? '') ?? []
    expect(text).toMatch(new RegExp(`\\b${row}\\b.*\\b${number}\\b`))
  }
})

describe('the key set', () => {
  test('verifies tickets without asking anybody, and is for everybody', async () => {
    const { tickets } = await confirmedSeats(1)
    const response = await app.send('GET', '/.well-known/jwks.json', { token: null })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/jwk-set+json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=3600')
    const keySet = expectBody(
      z.strictObject({
        keys: z
          .array(
            z.strictObject({
              kty: z.literal('OKP'),
              crv: z.literal('Ed25519'),
              x: z.string(),
              kid: z.string(),
              alg: z.literal('EdDSA'),
              use: z.literal('sig'),
            }),
          )
          .nonempty(),
      }),
      response,
    )
    const { payload } = await compactVerify(tickets[0]?.token ?? '', createLocalJWKSet(keySet))
    expect(Object.keys(JSON.parse(Buffer.from(payload).toString()) as object)).toEqual(['t', 'r', 's'])
  })

  test('says nothing of the private keys', async () => {
    const { text } = await app.send('GET', '/.well-known/jwks.json', { token: null })
    expect(text).not.toContain('"d"')
    for (const { privateKey } of app.ticketKeys) {
      expect(text).not.toContain(privateKey.export({ format: 'jwk' }).d)
    }
  })
})

test('a ticket that is not there is not_found in every form', async () => {
  for (const kind of ['svg', 'png']) {
    const answer = await app.send('GET', `/v1/tickets/${randomUUID()}/qr.${kind}`, { token: staff })
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
  }
})
