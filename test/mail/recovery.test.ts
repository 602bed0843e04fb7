import { randomUUID } from 'node:crypto'
import { decodeJwt, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { recoveredSession } from '@boxoffice/contract/schemas/booking-recovery.ts'
import { RECOVERY_TTL_S, signRecoveryToken, verifyRecoveryToken } from '@boxoffice/core/access/recovery-token.ts'
import { requestRecovery } from '@boxoffice/core/bookings/recovery/request-recovery.ts'
import { signGuestToken } from '@boxoffice/core/access/tokens.ts'
import {
  type Booked,
  customer,
  expectBody,
  problemSchema,
  seatDispenser,
  sharedLifecycleApp,
} from '../api/start-lifecycle-app.ts'
import { givenEvent, givenShowtime } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { shared } from '../support/shared.ts'
import { ticketQrSvg } from '@boxoffice/core/tickets/ticket-qr.ts'
import { signTestToken, TEST_SECRETS } from '../support/tokens.ts'
import { readPdf } from '../tickets/read-pdf.ts'
import { mailsOf } from './mail-stage.ts'

const { GUEST_SECRET } = TEST_SECRETS

let staff: string
const app = sharedLifecycleApp()
const house = shared(() => givenShowtime(app.db.database, { rows: 10 }))
const seats = seatDispenser(house)
beforeAll(async () => {
  staff = await signTestToken('staff', { organizerId: house.organizerId })
})

async function idOf({ reference }: Pick<Booked, 'reference'>): Promise<string> {
  const { rows } = await app.db.database.pool.query<{ id: string }>('select id from bookings where reference = $1', [
    reference,
  ])
  return rows[0]?.id ?? ''
}

async function confirmed(count = 1): Promise<Booked> {
  const booked = await app.book(seats(count))
  const body = { status: 'confirmed', reason: 'in cash' }
  expectBody(
    z.looseObject({}),
    await app.send('POST', `/v1/bookings/${booked.reference}/status`, { token: staff, body }),
  )
  return booked
}

const ask = (reference: string, email: string) =>
  app.send('POST', '/v1/booking-recoveries', { token: null, body: { reference, email } })
const redeem = (token: string) => app.send('POST', '/v1/booking-recoveries/redeem', { token: null, body: { token } })

async function recovered(booked: Booked) {
  const token = await signRecoveryToken(await idOf(booked), GUEST_SECRET, Date.now())
  return expectBody(recoveredSession, await redeem(token))
}

describe('asking for a link', () => {
  test('is answered the same for a booking, another address, another reference and a cancelled booking', async () => {
    const booked = await confirmed()
    const gone = await app.book(seats())
    await app.send('POST', `/v1/bookings/${gone.reference}/cancel`, { token: gone.token, body: {} })
    const answers = await Promise.all([
      ask(booked.reference, customer.email),
      ask(booked.reference, 'somebody.else@example.org'),
      ask('ZZZZZZZZ', customer.email),
      ask(gone.reference, customer.email),
    ])
    const told = answers.map(({ status, text, headers }) => {
      const shown = Object.fromEntries(headers)
      for (const own of ['x-request-id', 'date']) delete shown[own]
      return { status, text, shown }
    })
    expect(told[0]?.status).toBe(202)
    for (const other of told.slice(1)) expect(other).toEqual(told[0])
  })

  test('is answered before anything is looked up: a booking that somebody works on keeps no answer waiting', async () => {
    const booked = await confirmed()
    const holder = await app.db.database.pool.connect()
    try {
      await holder.query('begin')
      await holder.query('select from bookings where reference = $1 for update', [booked.reference])
      expect((await ask(booked.reference, customer.email)).status).toBe(202)
      expect(await mailsOf(app.db, await idOf(booked))).toEqual([])
    } finally {
      await holder.query('rollback')
      holder.release()
    }
    await eventually(async () => expect(await mailsOf(app.db, await idOf(booked))).toHaveLength(1))
  })

  test('mails to the buyer alone, whatever the case of the address and the blanks around it', async () => {
    const booked = await confirmed()
    await ask(booked.reference, 'somebody.else@example.org')
    await ask(booked.reference.toLowerCase(), `  ${customer.email.toUpperCase()} `)
    const [mail, ...more] = await eventually(async () => {
      const mails = await mailsOf(app.db, await idOf(booked))
      if (mails.length === 0) throw new Error('not mailed yet')
      return mails
    })
    expect(mail).toMatchObject({ kind: 'recovery', status: 'pending' })
    expect(more).toEqual([])
  })

  test('mails once in five minutes, however many ask at once, and five times a day', async () => {
    const booked = await confirmed()
    const id = await idOf(booked)
    const { pool } = app.db.database
    for (let round = 1; round <= 7; round += 1) {
      await Promise.all(
        Array.from({ length: 4 }, () =>
          requestRecovery(app.lifecycle.database, { reference: booked.reference, email: customer.email }, null),
        ),
      )
      expect(await mailsOf(app.db, id)).toHaveLength(Math.min(round, 5))
      await pool.query(`update mails set created_at = created_at - interval '6 minutes' where booking_id = $1`, [id])
    }
    await pool.query(`update mails set created_at = created_at - interval '1 day' where booking_id = $1`, [id])
    await requestRecovery(app.lifecycle.database, { reference: booked.reference, email: customer.email }, null)
    expect(await mailsOf(app.db, id)).toHaveLength(6)
  })

  test.each([
    { reference: 'SHORT', email: customer.email },
    { reference: 'K7QXM2PA', email: 'no address' },
    { reference: 'K7QXM2PA' },
    { reference: 'K7QXM2PA', email: customer.email, more: 1 },
  ])('is refused where it is malformed: %o', async (body) => {
    const answer = await app.send('POST', '/v1/booking-recoveries', { token: null, body })
    expect(answer.status).toBe(400)
    expect(problemSchema.parse(answer.body).code).toBe('invalid_request')
  })
})

describe('a recovered session', () => {
  test('acts on its booking as its buyer: reads it, its tickets, pays and cancels', async () => {
    const booked = await app.book(seats(2))
    const { token, expiresIn, reference } = await recovered(booked)
    expect(reference).toBe(booked.reference)
    expect(expiresIn).toBe(86_400)
    const path = `/v1/bookings/${reference}`
    expect((await app.send('GET', path, { token })).body).toMatchObject({ reference, status: 'pending' })
    await app.pay({ reference, token })
    const tickets = await app.send('GET', `${path}/tickets`, { token })
    expect(tickets.body).toMatchObject({ items: [{ status: 'issued' }, { status: 'issued' }] })
    expect((await app.send('GET', `${path}/tickets.pdf`, { token })).status).toBe(200)
    const { items } = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(tickets.body)
    expect((await app.send('GET', `/v1/tickets/${items[0]?.id ?? ''}/qr.svg`, { token })).status).toBe(200)
    expect((await app.send('POST', `${path}/cancel`, { token, body: {} })).body).toMatchObject({ status: 'cancelled' })
  })

  test('is nobody to every other booking, also of the same buyer', async () => {
    const [own, other] = [await confirmed(), await confirmed()]
    const { token } = await recovered(own)
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/tickets'],
      ['GET', '/tickets.pdf'],
      ['POST', '/payments'],
      ['POST', '/cancel'],
    ] as const) {
      const answer = await app.send(method, `/v1/bookings/${other.reference}${path}`, {
        token,
        ...(method === 'POST' && { body: {} }),
      })
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
    }
  })

  test('lists its booking and nothing else', async () => {
    const booked = await confirmed()
    await app.book(seats(), { token: booked.token })
    const { token } = await recovered(booked)
    const listed = await app.send('GET', '/v1/bookings', { token })
    expect(listed.body).toMatchObject({ items: [{ reference: booked.reference }], nextCursor: null })
    expect((await app.send('GET', '/v1/bookings?status=cancelled', { token })).body).toMatchObject({ items: [] })
  })

  test('may do no more than the buyer', async () => {
    const booked = await confirmed()
    const { token } = await recovered(booked)
    const path = `/v1/bookings/${booked.reference}`
    const status = await app.send('POST', `${path}/status`, { token, body: { status: 'completed', reason: 'x' } })
    expect(status.status).toBe(403)
    const refund = await app.send('POST', `${path}/refunds`, { token, body: { reason: 'x' } })
    expect(refund.status).toBe(403)
  })

  test('does not take the booking from who made it', async () => {
    const booked = await confirmed()
    await recovered(booked)
    expect((await app.send('GET', `/v1/bookings/${booked.reference}`, { token: booked.token })).status).toBe(200)
  })
})

describe('a token of a link', () => {
  const forged = (claims: object, secret: string, issuer = 'boxoffice-recovery', typ = 'recovery+jwt') =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: 'HS256', typ })
      .setIssuer(issuer)
      .setAudience(issuer)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(secret))

  const WRONG: Readonly<Record<string, (bookingId: string) => Promise<string> | string>> = {
    'nothing of the kind': () => 'nonsense',
    'a guest token': () => signGuestToken(randomUUID(), 60, GUEST_SECRET),
    'a recovered session': (id) => signGuestToken(randomUUID(), 60, GUEST_SECRET, id),
    "a customer's token": () => signTestToken('customer'),
    "an admin's token": () => signTestToken('admin'),
    'one that is over': (id) => signRecoveryToken(id, GUEST_SECRET, Date.now() - RECOVERY_TTL_S * 1_000 - 1_000),
    'one of another instance': (id) => signRecoveryToken(id, 'the secret of another instance, long enough', Date.now()),
    'one signed with the secret of guests itself': (id) => forged({ booking: id }, GUEST_SECRET),
    'one of a booking that is not there': () => signRecoveryToken(randomUUID(), GUEST_SECRET, Date.now()),
  }

  test.each(Object.keys(WRONG))('is not %s', async (name) => {
    const token = (await WRONG[name]?.(await idOf(await confirmed()))) ?? ''
    const answer = await redeem(token)
    expect(answer.status).toBe(400)
    expect(problemSchema.parse(answer.body).code).toBe('invalid_recovery')
    const page = await app.send('GET', `/recover?token=${encodeURIComponent(token)}`, { token: null })
    expect(page.status).toBe(403)
    expect(page.text).toContain('This link has expired')
    const pdf = await app.send('GET', `/recover/tickets.pdf?token=${encodeURIComponent(token)}`, { token: null })
    expect(pdf.status).toBe(403)
  })

  test('is no token to call the API with', async () => {
    const booked = await confirmed()
    const token = await signRecoveryToken(await idOf(booked), GUEST_SECRET, Date.now())
    for (const path of ['/v1/bookings', `/v1/bookings/${booked.reference}`]) {
      expect((await app.send('GET', path, { token })).status).toBe(401)
    }
  })

  test('leads to its booking, and again within its hour', async () => {
    const booked = await confirmed()
    const id = await idOf(booked)
    const token = await signRecoveryToken(id, GUEST_SECRET, Date.now() - (RECOVERY_TTL_S - 30) * 1_000)
    expect(await verifyRecoveryToken(token, GUEST_SECRET)).toBe(id)
    for (let time = 0; time < 2; time += 1) {
      expect(expectBody(recoveredSession, await redeem(token)).reference).toBe(booked.reference)
    }
  })

  test('does not lead into the line: what that books would be out of its sight', async () => {
    const { token } = await recovered(await confirmed())
    const body = { ...seats(), customer }
    const answer = await app.send('POST', '/v1/booking-requests', { token, body })
    expect(answer.status).toBe(403)
    expect(problemSchema.parse(answer.body).code).toBe('forbidden')
    const { rows } = await app.db.database.pool.query('select from booking_requests where owner = $1', [
      decodeJwt(token).sub,
    ])
    expect(rows).toEqual([])
  })

  test("a booking named in a customer's own token counts for nothing", async () => {
    const booked = await confirmed()
    const token = await new SignJWT({ role: 'customer', booking: await idOf(booked) })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('customer:eve')
      .setAudience('boxoffice')
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(TEST_SECRETS.JWT_SECRET))
    expect((await app.send('GET', `/v1/bookings/${booked.reference}`, { token })).status).toBe(404)
  })
})

/** Returns the addresses of the pictures of codes. */
const codesOf = (page: string) =>
  [...page.matchAll(/<img src="(recover\/codes\/[^"]+)"/g)].map(([, path = '']) => path.replaceAll('&amp;', '&'))

describe('the page', () => {
  const open = async (booked: Booked) => {
    const token = await signRecoveryToken(await idOf(booked), GUEST_SECRET, Date.now())
    return app.send('GET', `/recover?token=${token}`, { token: null })
  }

  test('shows the booking, a code for each ticket and the way to print them', async () => {
    const booked = await confirmed(2)
    const page = await open(booked)
    expect(page.status).toBe(200)
    expect(page.text).toContain(booked.reference)
    expect(page.text).toContain('A Film')
    expect(page.text).toContain('Confirmed.')
    expect(codesOf(page.text)).toHaveLength(2)
    const [, link = ''] = /href="(recover\/tickets\.pdf\?token=[^"]+)"/.exec(page.text) ?? []
    const response = await fetch(new URL(link, `${app.url}/recover`))
    expect(response.headers.get('content-type')).toBe('application/pdf')
    const { pages } = await readPdf(new Uint8Array(await response.arrayBuffer()))
    expect(pages).toHaveLength(2)
  })

  test('has no tickets to show of what is not paid, or cancelled', async () => {
    const booked = await app.book(seats())
    expect((await open(booked)).text).toContain('Not paid yet')
    expect((await open(booked)).text).not.toContain('<img')
    await app.send('POST', `/v1/bookings/${booked.reference}/cancel`, { token: booked.token, body: {} })
    expect((await open(booked)).text).toContain('Cancelled')
  })

  test('shows each code as a picture by its own address, to whom the link was mailed', async () => {
    const [own, other] = [await confirmed(2), await confirmed(1)]
    const page = await open(own)
    const { body } = await app.send('GET', `/v1/bookings/${own.reference}/tickets`, { token: own.token })
    const { items } = z.object({ items: z.array(z.object({ id: z.string(), token: z.string() })) }).parse(body)
    const codes = await Promise.all(codesOf(page.text).map((path) => fetch(`${app.url}/${path}`)))
    expect(codes.map(({ status }) => status)).toEqual([200, 200])
    expect(codes[0]?.headers.get('content-type')).toBe('image/svg+xml')
    expect(codes[0]?.headers.get('cache-control')).toBe('private, max-age=300')
    expect(codes[0]?.headers.get('referrer-policy')).toBe('no-referrer')
    const drawn = await Promise.all(codes.map((code) => code.text()))
    expect(drawn).toEqual(await Promise.all(items.map(({ token }) => ticketQrSvg(token))))

    const [path = ''] = codesOf(page.text)
    const [otherPath = ''] = codesOf((await open(other)).text)
    const [, otherToken = ''] = otherPath.split('?token=')
    const statusOf = async (address: string) => (await fetch(`${app.url}/${address}`)).status
    expect(await statusOf(`${path.split('?')[0] ?? ''}?token=${otherToken}`)).toBe(403)
    expect(await statusOf(path.split('?')[0] ?? '')).toBe(403)
    expect(await statusOf(path.replace('.svg', '.png'))).toBe(403)
    await app.send('POST', `/v1/bookings/${own.reference}/cancel`, { token: staff, body: {} })
    expect(await statusOf(path)).toBe(403)
  })

  test('shows the tickets of a large booking page by page', async () => {
    const { eventId, ticketTypeIds, organizerId } = await givenEvent(app.db.database, {
      ticketTypes: [{ name: 'Balcony', capacity: 200, maxPerBooking: 200 }],
    })
    const [ticketTypeId = ''] = ticketTypeIds
    const booked = await app.book({
      resource: { type: 'event', id: eventId },
      tickets: [{ ticketTypeId, quantity: 120 }],
    })
    await app.send('POST', `/v1/bookings/${booked.reference}/status`, {
      token: await signTestToken('staff', { organizerId }),
      body: { status: 'confirmed', reason: 'in cash' },
    })
    const seen: string[] = []
    const ranges: string[] = []
    let page = await open(booked)
    for (;;) {
      seen.push(...codesOf(page.text))
      ranges.push(/Tickets \d+ to \d+ of \d+/.exec(page.text)?.[0] ?? '')
      const next = /rel="next" href="([^"]+)"/.exec(page.text)?.[1]
      if (next === undefined) break
      page = await app.send('GET', `/${next.replaceAll('&amp;', '&')}`, { token: null })
    }
    expect(ranges).toEqual(['Tickets 1 to 50 of 120', 'Tickets 51 to 100 of 120', 'Tickets 101 to 120 of 120'])
    expect(new Set(seen).size).toBe(120)
    expect(page.text).toContain('rel="prev"')
    const pdf = `/v1/bookings/${booked.reference}/tickets.pdf`
    expect((await app.send('GET', pdf, { token: booked.token })).status).toBe(200)
    // Made before bookings had a limit: more tickets than are printed.
    await app.db.database.pool.query(
      `insert into tickets (id, booking_id, resource_id, ordinal, ticket_type_id)
       select gen_random_uuid(), booking_id, resource_id, 1000 + n, ticket_type_id
       from (select * from tickets where booking_id = $1 limit 1) t, generate_series(1, 881) n`,
      [await idOf(booked)],
    )
    const refused = await app.send('GET', pdf, { token: booked.token })
    expect([refused.status, problemSchema.parse(refused.body).code]).toEqual([409, 'too_many_tickets'])
    expect((await open(booked)).text).toContain('Tickets 1 to 50 of 1,001')
    expect((await open(booked)).text).not.toContain('tickets.pdf')
    const token = await signRecoveryToken(await idOf(booked), GUEST_SECRET, Date.now())
    for (const number of ['9', '-1', 'x', '1e99']) {
      expect((await app.send('GET', `/recover?token=${token}&page=${number}`, { token: null })).status).toBe(200)
    }
  })

  test('names the places that are held for what is not paid, and until when', async () => {
    const flat = async (booked: Booked) => (await open(booked)).text.replaceAll(/\s+/g, ' ')
    const asked = seats(2)
    const seated = await flat(await app.book(asked))
    expect(seated).toMatch(/the places are held until \w+day, \d+ \w+ \d{4}, \d\d:\d\d /)
    expect(seated).toContain(`<dt>Seats</dt> <dd>${asked.seats.join(' and ')}</dd>`)

    const { eventId, ticketTypeIds } = await givenEvent(app.db.database, {
      ticketTypes: [
        { name: 'Balcony', capacity: 5 },
        { name: 'Stalls', capacity: 5 },
      ],
    })
    const tickets = ticketTypeIds.map((ticketTypeId, index) => ({ ticketTypeId, quantity: index + 1 }))
    const ticketed = await flat(await app.book({ resource: { type: 'event', id: eventId }, tickets }))
    expect(ticketed).toContain('<dt>Tickets</dt> <dd>1 × Balcony and 2 × Stalls</dd>')

    // Its tickets say so themselves.
    expect(await flat(await confirmed(2))).not.toContain('<dt>Seats</dt>')
  })

  test('is kept by nobody, tells its address to nobody, and runs nothing', async () => {
    for (const { headers, text } of [
      await open(await confirmed()),
      await app.send('GET', '/recover', { token: null }),
    ]) {
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/)
      expect(text).not.toContain('<script')
    }
  })

  test('takes its own form, and says the same to everybody', async () => {
    const booked = await confirmed()
    const post = (reference: string, email: string) =>
      app.send('POST', '/recover', {
        token: null,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ reference, email }).toString(),
      })
    const known = await post(` ${booked.reference.toLowerCase()} `, customer.email)
    const unknown = await post('ZZZZZZZZ', customer.email)
    expect(known.status).toBe(202)
    expect([unknown.status, unknown.text]).toEqual([known.status, known.text])
    await eventually(async () => expect(await mailsOf(app.db, await idOf(booked))).toHaveLength(1))
    const wrong = await post('"><b>', '<script>')
    expect(wrong.status).toBe(400)
    expect(wrong.text).toContain('value="&quot;&gt;&lt;b&gt;"')
    expect(wrong.text).not.toContain('<script')
  })
})
