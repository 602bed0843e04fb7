import { createHmac, randomUUID } from 'node:crypto'
import { z } from 'zod'
import { beforeAll, describe, expect, test } from 'vitest'
import { publicKeySet } from '@boxoffice/core/settings/ticket-keys.ts'
import { signTicketToken, type TicketClaims, verifyTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { shared } from '../support/shared.ts'
import { signTestToken } from '../support/tokens.ts'
import { ticketKeys as otherKeys } from '../tickets/keys.ts'
import { type Answer, type Booked, expectBody, seatDispenser, sharedLifecycleApp } from './start-lifecycle-app.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let staff: string
let organizer: string
let otherStaff: string
const app = sharedLifecycleApp()
const house = shared(() =>
  givenShowtime(app.db.database, { rows: 20, seatsPerRow: 10, startsAt: new Date(Date.now() + HOUR_MS) }),
)
const seats = seatDispenser(house)
beforeAll(async () => {
  const { organizerId } = house
  staff = await signTestToken('staff', { organizerId })
  organizer = await signTestToken('organizer', { organizerId })
  otherStaff = await signTestToken('staff', { organizerId: randomUUID() })
})

const ticketsSchema = z.object({ items: z.array(z.object({ id: z.uuid(), token: z.string() })) })
type Ticket = z.infer<typeof ticketsSchema>['items'][number]

const scanSchema = z.strictObject({
  result: z.string(),
  detail: z.string().min(1),
  ticket: z
    .strictObject({
      id: z.uuid(),
      status: z.string(),
      reference: z.string(),
      resourceId: z.uuid(),
      seat: z.string().nullable(),
      section: z.string().nullable(),
      row: z.string().nullable(),
      number: z.string().nullable(),
      area: z.string().nullable(),
      rate: z.string().nullable(),
      rateName: z.string().nullable(),
      ticketTypeId: z.uuid().nullable(),
      name: z.string(),
    })
    .nullable(),
  firstScan: z.strictObject({ at: z.iso.datetime(), gate: z.string() }).nullable(),
  conflict: z.boolean(),
})
const batchSchema = z.strictObject({ items: z.array(scanSchema), conflicts: z.int() })

async function confirm({ reference }: Booked): Promise<void> {
  const body = { status: 'confirmed', reason: 'paid at the counter' }
  expectBody(z.object({}), await app.send('POST', `/v1/bookings/${reference}/status`, { token: staff, body }))
}

const ticketsOf = async ({ reference }: Booked, token = staff) =>
  expectBody(ticketsSchema, await app.send('GET', `/v1/bookings/${reference}/tickets`, { token })).items

/** Creates a confirmed booking of `count` seats, and returns it with its tickets. */
async function given(count = 1): Promise<{ booked: Booked; tickets: Ticket[]; ticket: Ticket }> {
  const booked = await app.book(seats(count))
  await confirm(booked)
  const tickets = await ticketsOf(booked)
  const [ticket] = tickets
  if (ticket === undefined) throw new Error('there is no ticket')
  return { booked, tickets, ticket }
}

const post = (path: string, body: object, token = staff): Promise<Answer> => app.send('POST', path, { token, body })
const scan = async (token: string, more: object = {}, as = staff) =>
  expectBody(scanSchema, await post('/v1/check-ins', { token, nonce: randomUUID(), gate: 'North', ...more }, as))

interface OfflineScan {
  readonly token: string
  readonly nonce: string
  readonly gate: string
  readonly scannedAt: string
}
const offline = (token: string, secondsAgo: number, more: Partial<OfflineScan> = {}): OfflineScan => ({
  token,
  nonce: randomUUID(),
  gate: 'South',
  scannedAt: new Date(Date.now() - secondsAgo * 1_000).toISOString(),
  ...more,
})
const upload = async (scans: readonly OfflineScan[]) =>
  expectBody(batchSchema, await post('/v1/check-ins/batch', { scans }))

async function recorded(ticketId: string): Promise<string[]> {
  const { rows } = await app.db.database.pool.query<{ result: string }>(
    'select result from check_ins where ticket_id = $1 order by result',
    [ticketId],
  )
  return rows.map(({ result }) => result)
}

async function admissions(ticketId: string): Promise<number> {
  const { rows } = await app.db.database.pool.query(
    `select 1 from audit where entity_id = $1 and action = 'ticket.checked_in'`,
    [ticketId],
  )
  return rows.length
}

describe('a scan at the gate', () => {
  test('admits, and shows the ticket', async () => {
    const { booked, ticket } = await given()
    const result = await scan(ticket.token)
    expect(result).toMatchObject({ result: 'admitted', firstScan: null, conflict: false })
    expect(result.ticket).toMatchObject({
      id: ticket.id,
      status: 'checked_in',
      reference: booked.reference,
      resourceId: house.showtimeId,
      ticketTypeId: null,
    })
    expect(house.seats).toContain(result.ticket?.seat)
    expect(await recorded(ticket.id)).toEqual(['admitted'])
    expect(await admissions(ticket.id)).toBe(1)
  })

  test('tells a second one when and where the first was', async () => {
    const { ticket } = await given()
    const before = Date.now()
    await scan(ticket.token, { gate: 'East' })
    const result = await scan(ticket.token, { gate: 'West' })
    expect(result).toMatchObject({
      result: 'already_used',
      ticket: { id: ticket.id },
      firstScan: { gate: 'East' },
      conflict: false,
    })
    const at = Date.parse(result.firstScan?.at ?? '')
    expect(at).toBeGreaterThanOrEqual(before - 1_000)
    expect(at).toBeLessThanOrEqual(Date.now() + 1_000)
    expect(result.detail).toContain('East')
    expect(await recorded(ticket.id)).toEqual(['admitted', 'already_used'])
    expect(await admissions(ticket.id)).toBe(1)
  })

  test('of one ticket does not use up the other tickets of its booking', async () => {
    const { tickets } = await given(3)
    for (const { token } of tickets) expect(await scan(token)).toMatchObject({ result: 'admitted' })
  })

  test('of a cancelled booking is void', async () => {
    const { booked, ticket } = await given()
    expectBody(z.object({}), await post(`/v1/bookings/${booked.reference}/cancel`, {}))
    const result = await scan(ticket.token)
    expect(result).toMatchObject({ result: 'void', ticket: { id: ticket.id, status: 'void' }, firstScan: null })
    expect(result.detail).toContain('cancelled')
    expect(await admissions(ticket.id)).toBe(0)
  })

  test.each([
    ['no_show', 'void'],
    ['completed', 'admitted'],
  ])(
    'of a booking that was closed as %s: %s, for its other tickets may have been scanned offline',
    async (status, result) => {
      const { booked, ticket } = await given()
      expectBody(z.object({}), await post(`/v1/bookings/${booked.reference}/status`, { status, reason: 'over' }))
      expect(await scan(ticket.token)).toMatchObject({ result })
    },
  )

  test('keeps telling of the first scan after the booking was cancelled', async () => {
    const { booked, tickets } = await given(2)
    const [used, unused] = tickets
    await scan(used?.token ?? '', { gate: 'East' })
    expectBody(z.object({}), await post(`/v1/bookings/${booked.reference}/cancel`, {}))
    expect(await scan(used?.token ?? '')).toMatchObject({ result: 'already_used', firstScan: { gate: 'East' } })
    expect(await scan(unused?.token ?? '')).toMatchObject({ result: 'void' })
  })

  test('of something else than what is on behind this gate is wrong_event, and the right gate still admits', async () => {
    const { ticket } = await given()
    const elsewhere = await scan(ticket.token, { resourceId: randomUUID() })
    expect(elsewhere).toMatchObject({ result: 'wrong_event', ticket: { id: ticket.id, status: 'issued' } })
    const here = await scan(ticket.token, { resourceId: house.showtimeId.toUpperCase() })
    expect(here).toMatchObject({ result: 'admitted' })
    expect(await scan(ticket.token, { resourceId: randomUUID() })).toMatchObject({ result: 'wrong_event' })
  })

  test('of a ticket of another organizer is wrong_event, and tells nothing of it', async () => {
    const { booked, ticket } = await given()
    const before = await app.countRows()
    for (const more of [{}, { resourceId: house.showtimeId }, { resourceId: randomUUID() }]) {
      const answer = await post('/v1/check-ins', { token: ticket.token, nonce: 'n', gate: 'g', ...more }, otherStaff)
      expect(expectBody(scanSchema, answer)).toMatchObject({ result: 'wrong_event', ticket: null, firstScan: null })
      for (const secret of [ticket.id, booked.reference, house.showtimeId]) expect(answer.text).not.toContain(secret)
    }
    await scan(ticket.token)
    const used = await scan(ticket.token, {}, otherStaff)
    expect(used).toMatchObject({ result: 'wrong_event', ticket: null, firstScan: null })
    const written = await app.countRows()
    expect(written['check_ins']).toBe((before['check_ins'] ?? 0) + 1)
  })

  test('before the doors open is too_early, and says when they do', async () => {
    const startsAt = new Date(Date.now() + 7 * DAY_MS)
    const event = await givenEvent(app.db.database, { organizerId: house.organizerId, startsAt })
    const [ticketTypeId = ''] = event.ticketTypeIds
    const booked = await app.book({
      resource: { type: 'event', id: event.eventId },
      tickets: [{ ticketTypeId, quantity: 1 }],
    })
    await confirm(booked)
    const [ticket] = await ticketsOf(booked)
    const result = await scan(ticket?.token ?? '')
    expect(result).toMatchObject({
      result: 'too_early',
      ticket: { status: 'issued', resourceId: event.eventId, seat: null, ticketTypeId, name: 'Type 1' },
    })
    expect(result.detail).toContain(new Date(startsAt.getTime() - DAY_MS).toISOString())
    // A gate that is offline is believed its clock, but not a clock that is ahead.
    const { items } = await upload([offline(ticket?.token ?? '', 60)])
    expect(items).toMatchObject([{ result: 'too_early', conflict: false }])
  })

  test('by an admin admits for every organizer', async () => {
    const { ticket } = await given()
    expect(await scan(ticket.token, {}, await signTestToken('admin'))).toMatchObject({ result: 'admitted' })
  })
})

const base64url = (text: string) => Buffer.from(text).toString('base64url')

function idsOf(token: string) {
  const { ticketId, resourceId } = claimsOf(token)
  return { ticketId, resourceId }
}

function claimsOf(token: string): TicketClaims {
  const claims = verifyTicketToken(app.ticketKeys, token)
  if (claims === null) throw new Error('the ticket of the test is not genuine')
  return claims
}

describe('a genuine ticket is admitted, whatever a scanner adds to its code:', () => {
  test.each<[string, (token: string) => string]>([
    ['an end of line', (token) => `${token}\r\n`],
    ['a tab', (token) => `${token}\t`],
    ['a blank before it', (token) => ` ${token}`],
    ['a byte order mark', (token) => `\uFEFF${token}`],
    ['a line that was folded', (token) => `${token.slice(0, 76)}\n${token.slice(76)}`],
  ])('%s', async (_what, scanned) => {
    const [online, uploaded] = [await given(), await given()]
    expect(await scan(scanned(online.ticket.token))).toMatchObject({ result: 'admitted' })
    expect(await scan(online.ticket.token)).toMatchObject({ result: 'already_used' })
    const { items } = await upload([offline(scanned(uploaded.ticket.token), 1)])
    expect(items).toMatchObject([{ result: 'admitted' }])
  })
})

describe('a forged ticket', () => {
  const part = (token: string, index: number) => token.split('.')[index] ?? ''
  const withParts = (token: string, change: (header: string, payload: string, signature: string) => string[]) =>
    change(part(token, 0), part(token, 1), part(token, 2)).join('.')
  const flip = (text: string, index: number) =>
    text.slice(0, index) + (text[index] === 'A' ? 'B' : 'A') + text.slice(index + 1)

  test.each<[string, (token: string) => string]>([
    ['random text', () => 'BEEP-1234'],
    ['text of other alphabets', () => '🎟️ entrée'],
    ['an address', () => 'https://example.org/ticket/1'],
    ['the longest text there is', () => 'x'.repeat(1_000)],
    ['dots', () => '..'],
    ["somebody's sign-in", () => staff],
    ['a ticket signed with another key', (token) => signTicketToken(otherKeys(), claimsOf(token))],
    [
      'a ticket signed with another key that claims the name of ours',
      (token) =>
        withParts(signTicketToken(otherKeys(), claimsOf(token)), (_, payload, signature) => [
          part(token, 0),
          payload,
          signature,
        ]),
    ],
    [
      'an altered payload',
      (token) => withParts(token, (header, payload, signature) => [header, flip(payload, 10), signature]),
    ],
    [
      'an altered signature',
      (token) => withParts(token, (header, payload, signature) => [header, payload, flip(signature, 10)]),
    ],
    ['a signature cut off', (token) => withParts(token, (header, payload) => [header, payload, ''])],
    ['a signature left out', (token) => withParts(token, (header, payload) => [header, payload])],
    ['a part too many', (token) => `${token}.${part(token, 2)}`],
    ['another spelling of the signature', (token) => `${token}=`],
    ['the algorithm none', (token) => withParts(token, (_, payload) => [base64url('{"alg":"none"}'), payload, ''])],
    [
      'the public key taken for a secret',
      (token) => {
        const [key] = publicKeySet(app.ticketKeys).keys
        const signed = `${base64url(JSON.stringify({ alg: 'HS256', kid: key?.kid }))}.${part(token, 1)}`
        return `${signed}.${createHmac('sha256', key?.x ?? '')
          .update(signed)
          .digest('base64url')}`
      },
    ],
    [
      'a ticket of ours that does not exist',
      (token) => signTicketToken(app.ticketKeys, { ...claimsOf(token), ticketId: randomUUID() }),
    ],
    [
      'a ticket of ours for a better seat',
      (token) => signTicketToken(app.ticketKeys, { ...idsOf(token), seat: 'A99', ticketTypeId: null }),
    ],
    [
      'a ticket of ours for another show',
      (token) => signTicketToken(app.ticketKeys, { ...claimsOf(token), resourceId: randomUUID() }),
    ],
    [
      'a ticket of ours for a type of ticket instead of a seat',
      (token) => signTicketToken(app.ticketKeys, { ...idsOf(token), seat: null, ticketTypeId: randomUUID() }),
    ],
  ])('by %s tells nothing, and leaves the ticket as it was', async (_what, forge) => {
    const { booked, ticket } = await given()
    const forged = forge(ticket.token)
    const before = await app.countRows()
    for (const more of [{}, { resourceId: house.showtimeId }]) {
      const answer = await post('/v1/check-ins', { token: forged, nonce: 'n', gate: 'g', ...more })
      expect(expectBody(scanSchema, answer)).toEqual({
        result: 'forged',
        detail: 'Not a ticket of ours.',
        ticket: null,
        firstScan: null,
        conflict: false,
      })
      expect(answer.text).not.toContain(booked.reference)
    }
    const { items } = await upload([offline(forged, 1)])
    expect(items).toMatchObject([{ result: 'forged', conflict: false }])
    expect(await app.countRows()).toEqual(before)
    expect(await scan(ticket.token)).toMatchObject({ result: 'admitted' })
  })
})

describe('a scan that is sent again', () => {
  test('is the same scan: it is answered as before and counted once', async () => {
    const { ticket } = await given()
    const body = { nonce: 'n1', device: 'reader-7' }
    expect(await scan(ticket.token, body)).toMatchObject({ result: 'admitted' })
    const before = await app.countRows()
    expect(await scan(ticket.token, body)).toMatchObject({ result: 'admitted' })
    expect(await scan(ticket.token, { ...body, gate: 'South' })).toMatchObject({ result: 'admitted' })
    expect(await app.countRows()).toEqual(before)
    // If it was not admitted, it is not admitted again either.
    expect(await scan(ticket.token, { ...body, nonce: 'n2' })).toMatchObject({ result: 'already_used' })
    expect(await scan(ticket.token, { ...body, nonce: 'n2' })).toMatchObject({ result: 'already_used' })
    expect(await recorded(ticket.id)).toEqual(['admitted', 'already_used'])
  })

  test('by another device with the same nonce is another scan', async () => {
    const { ticket } = await given()
    expect(await scan(ticket.token, { nonce: 'n', device: 'a' })).toMatchObject({ result: 'admitted' })
    expect(await scan(ticket.token, { nonce: 'n', device: 'b' })).toMatchObject({ result: 'already_used' })
  })

  test('without a device is known by its gate', async () => {
    const { ticket } = await given()
    expect(await scan(ticket.token, { nonce: 'n', gate: 'East' })).toMatchObject({ result: 'admitted' })
    expect(await scan(ticket.token, { nonce: 'n', gate: 'East' })).toMatchObject({ result: 'admitted' })
    expect(await scan(ticket.token, { nonce: 'n', gate: 'West' })).toMatchObject({ result: 'already_used' })
  })

  test('with the nonce of another ticket is a scan of its own', async () => {
    const { tickets } = await given(2)
    for (const { token } of tickets) expect(await scan(token, { nonce: 'n' })).toMatchObject({ result: 'admitted' })
  })

  test('twenty times at once admits once, and says so twenty times', async () => {
    const { ticket } = await given()
    const results = await Promise.all(Array.from({ length: 20 }, () => scan(ticket.token, { nonce: 'n' })))
    expect(results.map(({ result }) => result)).toEqual(Array(20).fill('admitted'))
    expect(await recorded(ticket.id)).toEqual(['admitted'])
    expect(await admissions(ticket.id)).toBe(1)
  })
})

/** Moves these scans into the past. */
const letTimePass = (ticketId: string, seconds: number) =>
  app.db.database.pool.query(
    'update check_ins set scanned_at = scanned_at - make_interval(secs => $2) where ticket_id = $1',
    [ticketId, seconds],
  )

describe('two scanners of one gate that count their scans from 1, and a copied ticket', () => {
  test('are one scanner within seconds, for all that can be seen: the control', async () => {
    const { ticket } = await given()
    expect(await scan(ticket.token, { nonce: '1' })).toMatchObject({ result: 'admitted' })
    expect(await scan(ticket.token, { nonce: '1' })).toMatchObject({ result: 'admitted' })
  })

  test('admit it once where a minute lies between', async () => {
    const { ticket } = await given()
    expect(await scan(ticket.token, { nonce: '1' })).toMatchObject({ result: 'admitted' })
    await letTimePass(ticket.id, 60)
    expect(await scan(ticket.token, { nonce: '1' })).toMatchObject({
      result: 'already_used',
      firstScan: { gate: 'North' },
    })
    await letTimePass(ticket.id, 60)
    expect(await scan(ticket.token, { nonce: '1' })).toMatchObject({ result: 'already_used' })
    expect(await recorded(ticket.id)).toEqual(['admitted', 'already_used', 'already_used'])
    expect(await admissions(ticket.id)).toBe(1)
  })

  test('admit it once in the hands of two people', async () => {
    const { ticket } = await given()
    const other = await signTestToken('staff', { organizerId: house.organizerId, subject: 'staff-2' })
    expect(await scan(ticket.token, { nonce: '1' })).toMatchObject({ result: 'admitted' })
    expect(await scan(ticket.token, { nonce: '1' }, other)).toMatchObject({ result: 'already_used' })
  })

  test('are told apart by the names that they have', async () => {
    const { ticket } = await given()
    expect(await scan(ticket.token, { nonce: '1', device: 'reader-1' })).toMatchObject({ result: 'admitted' })
    await letTimePass(ticket.id, 3_600)
    expect(await scan(ticket.token, { nonce: '1', device: 'reader-1' })).toMatchObject({ result: 'admitted' })
    expect(await scan(ticket.token, { nonce: '1', device: 'reader-2' })).toMatchObject({ result: 'already_used' })
  })

  test('have one let in too many who were both offline, and it is told as a conflict', async () => {
    const { ticket } = await given()
    const [first, second] = [300, 295].map((secondsAgo) => offline(ticket.token, secondsAgo, { nonce: '1' }))
    if (first === undefined || second === undefined) throw new Error('unreachable')
    expect((await upload([first])).items).toMatchObject([{ result: 'admitted', conflict: false }])
    expect((await upload([second])).items).toMatchObject([{ result: 'already_used', conflict: true }])
    // Both uploads are repeated, an hour later: their scans are known by the times at which they were made.
    expect((await upload([first, second])).items).toMatchObject([{ result: 'admitted' }, { result: 'already_used' }])
    expect(await recorded(ticket.id)).toEqual(['admitted', 'already_used'])
  })

  test('are admitted by a nonce that was too early before', async () => {
    const { ticket } = await given()
    const { rows } = await app.db.database.pool.query<{ startsAt: Date }>(
      'select starts_at as "startsAt" from showtimes where id = $1',
      [house.showtimeId],
    )
    const startsAt = rows[0]?.startsAt.getTime() ?? 0
    const moveTo = (ms: number) =>
      app.db.database.pool.query('update showtimes set starts_at = $2 where id = $1', [house.showtimeId, new Date(ms)])
    await moveTo(startsAt + 2 * DAY_MS)
    expect(await scan(ticket.token, { nonce: '1' })).toMatchObject({ result: 'too_early' })
    await moveTo(startsAt)
    await letTimePass(ticket.id, 60)
    expect(await scan(ticket.token, { nonce: '1' })).toMatchObject({ result: 'admitted' })
    // The retry of the second scan.
    expect(await scan(ticket.token, { nonce: '1' })).toMatchObject({ result: 'admitted' })
    expect(await admissions(ticket.id)).toBe(1)
  })
})

test('twenty scans of one ticket at twenty gates admit once', async () => {
  const { ticket } = await given()
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, gate) => scan(ticket.token, { gate: `Gate ${gate}` })),
  )
  expect(results.filter(({ result }) => result === 'admitted')).toHaveLength(1)
  expect(results.filter(({ result }) => result === 'already_used')).toHaveLength(19)
  expect(await admissions(ticket.id)).toBe(1)
})

describe('a batch of scans made offline', () => {
  test('is answered in the order of the scans, and of two the earlier admits', async () => {
    const { tickets } = await given(2)
    const [first, second] = tickets.map(({ token }) => token)
    const batch = await upload([
      offline(first ?? '', 10, { gate: 'late' }),
      offline('BEEP', 40),
      offline(second ?? '', 20),
      offline(first ?? '', 30, { gate: 'early' }),
    ])
    expect(batch.items.map(({ result }) => result)).toEqual(['already_used', 'forged', 'admitted', 'admitted'])
    expect(batch.items[0]).toMatchObject({ conflict: true, firstScan: { gate: 'early' } })
    expect(batch.items.map(({ conflict }) => conflict)).toEqual([true, false, false, false])
    expect(batch.conflicts).toBe(1)
  })

  test('keeps the time at which each scan was made', async () => {
    const { ticket } = await given()
    const made = offline(ticket.token, 600)
    await upload([made])
    expect((await scan(ticket.token)).firstScan).toEqual({ at: made.scannedAt, gate: 'South' })
  })

  test('admits the first of its list where two were made at the same time', async () => {
    const { ticket } = await given()
    const { scannedAt } = offline(ticket.token, 5)
    const scans = ['a', 'b', 'c'].map((gate) => offline(ticket.token, 5, { gate, scannedAt }))
    const { items, conflicts } = await upload(scans)
    expect(items.map(({ result }) => result)).toEqual(['admitted', 'already_used', 'already_used'])
    expect(conflicts).toBe(2)
  })

  test('counts those as conflicts whom a gate let in that knew nothing of another', async () => {
    const { tickets } = await given(3)
    const [first, second, third] = tickets.map(({ token }) => token)
    await scan(first ?? '', { gate: 'East' })
    const { items, conflicts } = await upload(
      [first, second, third].map((token, index) => offline(token ?? '', 9 - index)),
    )
    expect(items.map(({ result }) => result)).toEqual(['already_used', 'admitted', 'admitted'])
    expect(items.map(({ conflict }) => conflict)).toEqual([true, false, false])
    expect(conflicts).toBe(1)
  })

  test('sent again is the same batch', async () => {
    const { tickets } = await given(2)
    const scans = tickets.flatMap(({ token }) => [offline(token, 20), offline(token, 10)])
    const first = await upload(scans)
    const before = await app.countRows()
    expect((await upload(scans)).items.map(({ result }) => result)).toEqual(first.items.map(({ result }) => result))
    expect(await app.countRows()).toEqual(before)
  })

  test('tells of void tickets and those of others as a single scan does', async () => {
    const { booked, ticket } = await given()
    expectBody(z.object({}), await post(`/v1/bookings/${booked.reference}/cancel`, {}))
    const elsewhere = { ...offline((await given()).ticket.token, 2), resourceId: randomUUID() }
    const { items, conflicts } = await upload([offline(ticket.token, 1), elsewhere])
    expect(items.map(({ result }) => result)).toEqual(['void', 'wrong_event'])
    // The holder of the void ticket is inside by now.
    expect(conflicts).toBe(1)
  })

  test('with a scan of the future is refused as a whole; a clock that is four minutes ahead is let pass', async () => {
    const { tickets } = await given(2)
    const [first = '', second = ''] = tickets.map(({ token }) => token)
    const before = await app.countRows()
    const answer = await post('/v1/check-ins/batch', { scans: [offline(first, 1), offline(second, -360)] })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ pointer: '/scans/1/scannedAt' }] } })
    expect(await app.countRows()).toEqual(before)
    expect((await upload([offline(first, -240)])).items).toMatchObject([{ result: 'admitted' }])
  })

  test('takes a hundred scans', async () => {
    const { tickets } = await given(4)
    const scans = Array.from({ length: 100 }, (_, index) => offline(tickets[index % 4]?.token ?? '', 200 - index))
    const { items, conflicts } = await upload(scans)
    expect(items.map(({ result }) => result)).toEqual([...Array(4).fill('admitted'), ...Array(96).fill('already_used')])
    expect(conflicts).toBe(96)
  })

  test('may name a time with any offset', async () => {
    const { ticket } = await given()
    const made = new Date(Date.now() - 60_000)
    const local = `${new Date(made.getTime() + HOUR_MS).toISOString().replace('Z', '')}+01:00`
    await upload([offline(ticket.token, 0, { scannedAt: local })])
    expect((await scan(ticket.token)).firstScan?.at).toBe(made.toISOString())
  })
})

describe('the tickets that were revoked', () => {
  const pageSchema = z.strictObject({
    items: z.array(z.strictObject({ id: z.uuid() })),
    nextCursor: z.string().nullable(),
  })
  const list = async (resourceId: string, query = '', token = staff) =>
    expectBody(pageSchema, await app.send('GET', `/v1/revoked-tickets?resourceId=${resourceId}${query}`, { token }))

  test('are those that are void, page by page, each once', async () => {
    const own = await givenShowtime(app.db.database, { organizerId: house.organizerId })
    const dispense = seatDispenser(own)
    expect(await list(own.showtimeId)).toEqual({ items: [], nextCursor: null })
    const voided: string[] = []
    for (const fate of ['cancel', 'keep', 'cancel', 'pending', 'cancel pending', 'cancel', 'cancel']) {
      const booked = await app.book(dispense(2))
      if (!fate.includes('pending')) await confirm(booked)
      const { rows } = await app.db.database.pool.query<{ id: string }>(
        'select t.id from tickets t join bookings b on b.id = t.booking_id where b.reference = $1',
        [booked.reference],
      )
      if (!fate.includes('cancel')) continue
      expectBody(z.object({}), await post(`/v1/bookings/${booked.reference}/cancel`, {}, organizer))
      // A booking that was not confirmed has none.
      voided.push(...rows.map(({ id }) => id))
    }
    voided.sort()
    expect(voided).toHaveLength(8)

    const seen: string[] = []
    let cursor = ''
    for (let pages = 1; ; pages += 1) {
      const page = await list(own.showtimeId, `&limit=3${cursor}`)
      seen.push(...page.items.map(({ id }) => id))
      if (page.nextCursor === null) {
        expect(pages).toBe(3)
        break
      }
      expect(page.items).toHaveLength(3)
      cursor = `&cursor=${page.nextCursor}`
    }
    expect(seen).toEqual(voided)
    expect((await list(own.showtimeId)).items.map(({ id }) => id)).toEqual(voided)
    expect(await list(own.showtimeId, '&limit=8')).toMatchObject({ nextCursor: null })
    expect(await list(own.showtimeId, '', otherStaff)).toEqual({ items: [], nextCursor: null })
    expect(await list(randomUUID())).toEqual({ items: [], nextCursor: null })
    expect((await list(own.showtimeId.toUpperCase(), '', await signTestToken('admin'))).items).toHaveLength(8)
  })

  test('do not have those among them that were used before the booking was cancelled', async () => {
    const { booked, tickets } = await given(2)
    await scan(tickets[0]?.token ?? '')
    expectBody(z.object({}), await post(`/v1/bookings/${booked.reference}/cancel`, {}))
    const ids = (await list(house.showtimeId, '&limit=100')).items.map(({ id }) => id)
    expect(ids).toContain(tickets[1]?.id)
    expect(ids).not.toContain(tickets[0]?.id)
  })
})
