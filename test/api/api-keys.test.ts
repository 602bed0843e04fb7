import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { givenOrganizer, givenShowtime } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { shared } from '../support/shared.ts'
import { signTestToken } from '../support/tokens.ts'
import { sharedLifecycleApp } from './start-lifecycle-app.ts'

const keySchema = z.looseObject({ id: z.string(), key: z.string().nullable(), prefix: z.string() })

let organizer: string
const app = sharedLifecycleApp()
const show = shared(() => givenShowtime(app.db.database))
beforeAll(async () => {
  organizer = await signTestToken('organizer', { organizerId: show.organizerId })
})

async function makeKey(body: Record<string, unknown>, token = organizer) {
  const answer = await app.send('POST', '/v1/api-keys', { token, body: { name: 'Shop', ...body } })
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 201 })
  const { id, key, prefix } = keySchema.parse(answer.body)
  if (key === null) throw new Error('the key was not shown')
  return { id, key, prefix }
}

const code = (body: unknown) => z.object({ code: z.string() }).parse(body).code

const bookingRequest = (seat: string | undefined) => ({
  resource: { type: 'showtime', id: show.showtimeId },
  seats: [seat],
  customer: { name: 'Ada', email: 'ada@example.org' },
})

test('a key acts in its scopes, for its organizer, and only there', async () => {
  const { key } = await makeKey({ scopes: ['bookings:read', 'bookings:write'] })
  const booked = await app.send('POST', '/v1/booking-requests', {
    token: key,
    headers: { Prefer: 'wait=20' },
    body: bookingRequest(show.seats[0]),
  })
  expect({ status: booked.status, text: booked.text }).toMatchObject({ status: 200 })
  expect((await app.send('GET', '/v1/bookings', { token: key })).status).toBe(200)

  const audit = await app.send('GET', '/v1/audit', { token: key })
  expect([audit.status, code(audit.body)]).toEqual([403, 'forbidden'])
  expect(audit.text).toContain('audit:read')
  const another = await app.send('POST', '/v1/api-keys', { token: key, body: { name: 'x', scopes: ['audit:read'] } })
  expect(another.status).toBe(403)
})

test('the role of a key bounds what its scopes allow, also those of a key that was made before that was looked at', async () => {
  const { id, key } = await makeKey({ role: 'staff', scopes: ['refunds:write'] })
  await app.db.database.pool.query(`update api_keys set scopes = array['refunds:write', 'audit:read'] where id = $1`, [
    id,
  ])
  expect((await app.send('GET', '/v1/audit', { token: key })).status).toBe(403)
})

test('a key is not given scopes that its role can never use', async () => {
  const call = (body: unknown) => app.send('POST', '/v1/api-keys', { token: organizer, body })
  const scopes = ['webhooks:write', 'bookings:read', 'audit:read']
  const answer = await call({ name: 'Gate', role: 'staff', scopes })
  const { errors } = z
    .object({ errors: z.array(z.object({ pointer: z.string(), detail: z.string() })) })
    .parse(answer.body)
  expect([answer.status, errors]).toEqual([
    400,
    [
      { pointer: '/scopes/0', detail: 'A key of the role staff can never use webhooks:write.' },
      { pointer: '/scopes/2', detail: 'A key of the role staff can never use audit:read.' },
    ],
  ])
  expect((await call({ name: 'Shop', scopes })).body).toMatchObject({
    role: 'organizer',
    scopes: ['bookings:read', 'audit:read', 'webhooks:write'],
  })
})

test('a key that sells neither declares bookings paid nor sends money back', async () => {
  const { key } = await makeKey({ role: 'staff', scopes: ['bookings:read', 'bookings:write'] })
  const selection = { resource: { type: 'showtime', id: show.showtimeId }, seats: [show.seats[1] ?? ''] }
  const { reference } = await app.book(selection)
  const confirm = { status: 'confirmed', reason: 'in cash' }
  const tried = await app.send('POST', `/v1/bookings/${reference}/status`, { token: key, body: confirm })
  expect([tried.status, code(tried.body)]).toEqual([403, 'forbidden'])
  expect(tried.text).toContain('bookings:manage')

  const counter = await makeKey({ role: 'staff', scopes: ['bookings:manage'] })
  const paid = await app.send('POST', `/v1/bookings/${reference}/status`, { token: counter.key, body: confirm })
  expect(paid.status).toBe(200)

  const cancel = (token: string, body = {}) => app.send('POST', `/v1/bookings/${reference}/cancel`, { token, body })
  const refused = await cancel(key)
  expect([refused.status, code(refused.body)]).toEqual([403, 'forbidden'])
  expect(refused.text).toContain('refunds:write')
  const { key: refunding } = await makeKey({ role: 'staff', scopes: ['bookings:write', 'refunds:write'] })
  const cancelled = await cancel(refunding)
  expect(cancelled.body).toMatchObject({ status: 'cancelled', paymentStatus: 'refunded' })
})

test('a key that may not refund cancels neither by changing the status nor with the whole show', async () => {
  const { key } = await makeKey({ role: 'organizer', scopes: ['bookings:manage', 'catalogue:write'] })
  const own = await givenShowtime(app.db.database, { organizerId: show.organizerId })
  const { reference } = await app.book({
    resource: { type: 'showtime', id: own.showtimeId },
    seats: [own.seats[0] ?? ''],
  })
  const send = (token: string, method: string, path: string, body: object) => app.send(method, path, { token, body })
  const change = (token: string, status: string) =>
    send(token, 'POST', `/v1/bookings/${reference}/status`, { status, reason: 'by hand' })
  expect((await change(key, 'confirmed')).status).toBe(200)

  const cancelShow = (token: string) =>
    send(token, 'POST', `/v1/showtimes/${own.showtimeId}/cancel`, { reason: 'a test' })
  const patchShow = (token: string) => send(token, 'PATCH', `/v1/showtimes/${own.showtimeId}`, { status: 'cancelled' })
  for (const refused of [await change(key, 'cancelled'), await cancelShow(key), await patchShow(key)]) {
    expect([refused.status, code(refused.body)]).toEqual([403, 'forbidden'])
    expect(refused.text).toContain('refunds:write')
  }
  const both = await makeKey({ role: 'organizer', scopes: ['catalogue:write', 'refunds:write'] })
  expect((await cancelShow(both.key)).status).toBe(202)
})

test('a key that sells cancels what is not paid, and what is paid without sending money back', async () => {
  const { key } = await makeKey({ role: 'staff', scopes: ['bookings:write'] })
  const book = (seat: string | undefined) =>
    app.book({ resource: { type: 'showtime', id: show.showtimeId }, seats: [seat ?? ''] })
  const unpaid = await book(show.seats[2])
  const gone = await app.send('POST', `/v1/bookings/${unpaid.reference}/cancel`, { token: key, body: {} })
  expect(gone.body).toMatchObject({ status: 'cancelled' })

  const paid = await book(show.seats[3])
  const staff = await signTestToken('staff', { organizerId: show.organizerId })
  const confirm = { status: 'confirmed', reason: 'in cash' }
  await app.send('POST', `/v1/bookings/${paid.reference}/status`, { token: staff, body: confirm })
  const kept = await app.send('POST', `/v1/bookings/${paid.reference}/cancel`, { token: key, body: { refund: 'none' } })
  expect(kept.body).toMatchObject({ status: 'cancelled', refunded: 0 })
})

test('only the hash of the secret is kept, and the records do not have it either', async () => {
  const { id, key, prefix } = await makeKey({ scopes: ['audit:read'] })
  const secret = key.slice(prefix.length + 1)
  const { rows } = await app.db.database.pool.query<{ text: string }>(
    `select coalesce(string_agg(t, ' '), '') as text from (
       select k::text as t from api_keys k
       union all select a::text from audit a where a.entity_id = $1
       union all select o::text from outbox o where o.entity_id = $1) all_rows`,
    [id],
  )
  expect(rows[0]?.text).toContain(prefix)
  expect(rows[0]?.text).not.toContain(secret)
  const shown = await app.send('GET', `/v1/api-keys/${id}`, { token: organizer })
  expect(shown.text).not.toContain(secret)
})

test('a repeated request makes no second key and no longer shows the first', async () => {
  const call = {
    token: organizer,
    headers: { 'Idempotency-Key': 'key-1' },
    body: { name: 'Once', scopes: ['feed:read'] },
  }
  const first = await app.send('POST', '/v1/api-keys', call)
  const second = await app.send('POST', '/v1/api-keys', call)
  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(keySchema.parse(second.body)).toMatchObject({ id: keySchema.parse(first.body).id, key: null })
  const other = await app.send('POST', '/v1/api-keys', { ...call, body: { ...call.body, name: 'Other' } })
  expect([other.status, code(other.body)]).toEqual([422, 'idempotency_key_reused'])
})

test('two requests with one key at once make one API key', async () => {
  const call = {
    token: organizer,
    headers: { 'Idempotency-Key': 'at-once' },
    body: { name: 'At once', scopes: ['feed:read'] },
  }
  const answers = await Promise.all(Array.from({ length: 8 }, () => app.send('POST', '/v1/api-keys', call)))
  for (const { status, body } of answers) {
    if (status !== 201) expect([status, code(body)]).toEqual([409, 'idempotency_key_in_flight'])
  }
  const { rows } = await app.db.database.pool.query(`select id from api_keys where name = 'At once'`)
  expect(rows).toHaveLength(1)
})

test('a revoked key is refused within seconds, an expired or altered one at once', async () => {
  const { id, key } = await makeKey({ scopes: ['audit:read'] })
  expect((await app.send('GET', '/v1/audit', { token: key })).status).toBe(200)
  const used = await app.send('GET', `/v1/api-keys/${id}`, { token: organizer })
  expect(z.object({ lastUsedAt: z.string().nullable() }).parse(used.body).lastUsedAt).not.toBeNull()
  const revoked = await app.send('DELETE', `/v1/api-keys/${id}`, { token: organizer })
  expect(revoked.status).toBe(200)
  await eventually(
    async () => {
      const { status } = await app.send('GET', '/v1/audit', { token: key })
      if (status !== 401) throw new Error(`still answered ${status}`)
    },
    { withinMs: 15_000 },
  )

  const expired = await makeKey({ scopes: ['audit:read'], expiresAt: '2020-01-01T00:00:00Z' })
  expect((await app.send('GET', '/v1/audit', { token: expired.key })).status).toBe(401)
  const live = await makeKey({ scopes: ['audit:read'] })
  const altered = `${live.key.slice(0, -1)}${live.key.endsWith('A') ? 'B' : 'A'}`
  expect((await app.send('GET', '/v1/audit', { token: altered })).status).toBe(401)
  expect((await app.send('GET', '/v1/audit', { token: 'bo_nothing' })).status).toBe(401)
})

test("another organizer's keys do not exist", async () => {
  const { id } = await makeKey({ scopes: ['audit:read'] })
  const { organizerId } = await givenOrganizer(app.db.database)
  const stranger = await signTestToken('organizer', { organizerId })
  expect((await app.send('GET', `/v1/api-keys/${id}`, { token: stranger })).status).toBe(404)
  expect((await app.send('DELETE', `/v1/api-keys/${id}`, { token: stranger })).status).toBe(404)
  const list = await app.send('GET', '/v1/api-keys', { token: stranger })
  expect(list.text).not.toContain(id)
  const foreign = await app.send('POST', '/v1/api-keys', {
    token: stranger,
    body: { name: 'x', scopes: ['audit:read'], organizerId: show.organizerId },
  })
  expect(foreign.status).toBe(404)
})

test('a key for the programme changes the programme, and not whom buyers answer to', async () => {
  const patch = (token: string, path: string, body: object) => app.send('PATCH', path, { token, body })
  const organizer = `/v1/organizers/${show.organizerId}`
  const redirected = { contactEmail: 'somebody.else@example.com' }

  const { key } = await makeKey({ role: 'organizer', scopes: ['catalogue:read', 'catalogue:write'] })
  expect((await patch(key, `/v1/movies/${show.movieId}`, { synopsis: 'By a machine' })).status).toBe(200)
  const refused = await patch(key, organizer, redirected)
  expect([refused.status, code(refused.body)]).toEqual([403, 'forbidden'])
  expect(refused.text).toContain('organizer:write')

  const { key: allowed } = await makeKey({ role: 'organizer', scopes: ['organizer:write'] })
  expect((await patch(allowed, organizer, { contactEmail: 'tickets@example.com' })).status).toBe(200)
  const person = await signTestToken('organizer', { organizerId: show.organizerId })
  expect((await patch(person, organizer, { contactEmail: null })).status).toBe(200)
})
