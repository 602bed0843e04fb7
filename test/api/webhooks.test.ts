import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventSchema } from '@boxoffice/contract/outgoing-events/event-schema.ts'
import { MAX_WEBHOOK_ENDPOINTS } from '@boxoffice/core/domain/webhook-endpoint.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { anyDestination } from '@boxoffice/core/webhooks/destination.ts'
import { WebhookPoster } from '@boxoffice/core/webhooks/poster.ts'
import { givenOrganizer } from '../support/catalogue.ts'
import { signTestToken } from '../support/tokens.ts'
import { openReceiver, type Receiver, recordEvents, verified, sendDue } from '../webhooks/harness.ts'
import { expectBody, problemSchema, sharedLifecycleApp } from './start-lifecycle-app.ts'
import { testLogger } from '../support/logger.ts'
import { openWebhookSender, type WebhookSender } from '@boxoffice/core/webhooks/webhook-sender.ts'

const endpointSchema = z.looseObject({ id: z.string(), secret: z.string().optional(), status: z.string() })
const deliverySchema = z.looseObject({ id: z.string(), status: z.string(), eventId: z.string() })
const listSchema = z.object({ items: z.array(deliverySchema) })
const feedSchema = z.object({
  items: z.array(z.looseObject({ id: z.string(), type: z.string(), entityId: z.string(), seq: z.number() })),
  nextCursor: z.string(),
})
const secretSchema = z.object({ secret: z.string(), previousSecret: z.string().nullable() })

let organizerId: string
let organizer: string
let stranger: string
let admin: string
let poster: WebhookPoster
let webhooks: WebhookSender
const app = sharedLifecycleApp({ environment: { WEBHOOKS_TO_PRIVATE_ADDRESSES: 'on' } })
/** An app with production's rules: `https` only, and no private addresses. */
const strict = sharedLifecycleApp()
beforeAll(async () => {
  ;({ organizerId } = await givenOrganizer(app.db.database))
  organizer = await signTestToken('organizer', { organizerId })
  const other = await givenOrganizer(app.db.database)
  stranger = await signTestToken('organizer', { organizerId: other.organizerId })
  admin = await signTestToken('admin')
  poster = new WebhookPoster({ destinations: anyDestination() })
  webhooks = openWebhookSender({ database: app.lifecycle.database, poster, logger: testLogger })
})
afterAll(async () => {
  await webhooks.stop(10_000)
  await poster.close()
})

let receiver: Receiver
beforeEach(async () => {
  receiver = await openReceiver()
})
afterEach(async () => {
  await app.db.database.pool.query('update webhook_endpoints set deleted_at = now() where deleted_at is null')
  await receiver.close()
})

async function register(body: Record<string, unknown> = {}, token = organizer) {
  const terms = { url: receiver.url, eventTypes: ['venue.*'], ...body }
  return expectBody(endpointSchema, await app.send('POST', '/v1/webhook-endpoints', { token, body: terms }))
}

async function happen(count = 1, of = organizerId) {
  const entityId = crypto.randomUUID()
  await recordEvents(app.db.database, of, entityId, count)
  await publishOutgoingEvents(app.db.database)
  return entityId
}

const bring = async () => {
  await publishOutgoingEvents(app.db.database)
  await sendDue(webhooks)
}

describe('an endpoint', () => {
  it('is registered, shown, changed, disabled, enabled and deleted', async () => {
    const { id, secret } = await register({ description: 'The shop' })
    const path = `/v1/webhook-endpoints/${id}`
    const shown = await app.send('GET', path, { token: organizer })
    expect(shown.body).toMatchObject({ id, organizerId, description: 'The shop', status: 'active' })
    expect(shown.text).not.toContain('whsec_')
    expect((await app.send('GET', `${path}/secret`, { token: organizer })).body).toMatchObject({ secret })

    const patch = (body: unknown) => app.send('PATCH', path, { token: organizer, body })
    expect((await patch({ eventTypes: [] })).body).toMatchObject({ eventTypes: [], description: 'The shop' })
    expect((await patch({ status: 'disabled' })).body).toMatchObject({ status: 'disabled', disabledReason: 'manual' })
    await happen()
    await bring()
    expect(receiver.received).toEqual([])
    expect((await patch({ status: 'active' })).body).toMatchObject({ status: 'active', disabledReason: null })

    expect((await app.send('DELETE', path, { token: organizer })).status).toBe(204)
    expect((await app.send('GET', path, { token: organizer })).status).toBe(404)
    expect((await app.send('GET', '/v1/webhook-endpoints', { token: organizer })).text).not.toContain(id)
    await happen()
    await bring()
    expect(receiver.received.map(({ raw }) => raw.toString()).filter((raw) => raw.includes('venue'))).toEqual([])
  })

  it('takes no family of types that there is not, and says which there are', async () => {
    const { id } = await register()
    const eventTypes = ['booking.*', 'bookings.*', 'refund.completed', 'nothing.happened']
    const detail = expect.stringMatching(/^Must be of one of the families booking, .*webhook_endpoint\.$/)
    const calls = [
      ['POST', '/v1/webhook-endpoints', { url: receiver.url, eventTypes }],
      ['PATCH', `/v1/webhook-endpoints/${id}`, { eventTypes }],
    ] as const
    for (const [method, path, body] of calls) {
      const answer = await app.send(method, path, { token: organizer, body })
      const { errors } = problemSchema.parse(answer.body)
      expect([answer.status, errors]).toEqual([
        400,
        [
          { pointer: '/eventTypes/1', detail },
          { pointer: '/eventTypes/3', detail },
        ],
      ])
    }
  })

  it('is refused where there are as many as there may be, for an organizer and for admins', async () => {
    for (const token of [organizer, admin]) {
      const made = []
      for (let n = 0; n < MAX_WEBHOOK_ENDPOINTS; n++) made.push(await register({}, token))
      const body = { url: receiver.url }
      const refused = await app.send('POST', '/v1/webhook-endpoints', { token, body })
      expect([refused.status, refused.body]).toMatchObject([
        409,
        {
          code: 'too_many_endpoints',
          limit: 20,
          detail: 'There are 20 webhook endpoints already; delete one that is no longer used.',
        },
      ])
      await register({}, stranger)
      await app.send('DELETE', `/v1/webhook-endpoints/${made[0]?.id}`, { token })
      await register({}, token)
    }
  })

  it('is told of every family that there is', async () => {
    await register({ eventTypes: [] })
    const { rows } = await app.db.database.pool.query<{ family: string }>(
      `select distinct split_part(type, '.', 1) as family from outbox`,
    )
    const eventTypes = rows.map(({ family }) => `${family}.*`)
    expect(eventTypes.length).toBeGreaterThan(2)
    expect((await register({ eventTypes })).eventTypes).toEqual(eventTypes)
  })

  it('leaves neither its secret nor its whole address in the audit and the events', async () => {
    const { id, secret } = await register({ url: `${receiver.url}/hooks/token-in-the-path` })
    await app.send('POST', `/v1/webhook-endpoints/${id}/rotate-secret`, { token: organizer })
    await app.send('POST', `/v1/webhook-endpoints/${id}/test`, { token: organizer })
    const { rows } = await app.db.database.pool.query<{ text: string; action: string }>(
      `select action, a::text as text from audit a where entity_id = $1
       union all select type, o::text from outbox o where entity_id = $1`,
      [id],
    )
    expect(new Set(rows.map(({ action }) => action))).toEqual(
      new Set(['webhook_endpoint.created', 'webhook_endpoint.secret_rotated', 'webhook_endpoint.test_sent']),
    )
    for (const { text } of rows) {
      expect(text).not.toContain((secret ?? '').slice('whsec_'.length))
      expect(text).not.toContain('token-in-the-path')
      expect(text).not.toContain('whsec_')
    }
  })

  it('of another organizer does not exist, and neither do its deliveries', async () => {
    const { id } = await register()
    await happen()
    await bring()
    const path = `/v1/webhook-endpoints/${id}`
    const list = await app.send('GET', `${path}/deliveries`, { token: organizer })
    const deliveryId = expectBody(listSchema, list).items[0]?.id
    const body = {}
    const calls = [
      app.send('GET', path, { token: stranger }),
      app.send('PATCH', path, { token: stranger, body }),
      app.send('DELETE', path, { token: stranger }),
      app.send('GET', `${path}/secret`, { token: stranger }),
      app.send('GET', `${path}/deliveries`, { token: stranger }),
      app.send('POST', `${path}/rotate-secret`, { token: stranger, body }),
      app.send('POST', `${path}/test`, { token: stranger, body }),
      app.send('POST', `${path}/replay`, { token: stranger, body: { since: '2026-01-01T00:00:00Z' } }),
      app.send('GET', `/v1/webhook-deliveries/${deliveryId}`, { token: stranger }),
      app.send('POST', `/v1/webhook-deliveries/${deliveryId}/replay`, { token: stranger, body }),
    ]
    for (const { status } of await Promise.all(calls)) expect(status).toBe(404)
    expect((await app.send('GET', path, { token: organizer })).body).toMatchObject({ status: 'active' })
  })

  it('is made once under an idempotency key, and shows its secret again', async () => {
    const call = {
      token: organizer,
      headers: { 'Idempotency-Key': 'endpoint-1' },
      body: { url: receiver.url, eventTypes: [] },
    }
    const first = await app.send('POST', '/v1/webhook-endpoints', call)
    const second = await app.send('POST', '/v1/webhook-endpoints', call)
    expect(second.body).toEqual(first.body)
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    const { id } = expectBody(endpointSchema, first)
    const rotate = { token: organizer, headers: { 'Idempotency-Key': 'rotation-1' } }
    const rotated = await app.send('POST', `/v1/webhook-endpoints/${id}/rotate-secret`, rotate)
    const again = await app.send('POST', `/v1/webhook-endpoints/${id}/rotate-secret`, rotate)
    expect(expectBody(secretSchema, again)).toEqual(expectBody(secretSchema, rotated))
    expect(expectBody(secretSchema, rotated).previousSecret).toBe(expectBody(endpointSchema, first).secret)
  })

  it('of an admin gets what happens to all organizers', async () => {
    const { id, secret = '' } = await register({}, admin)
    expect((await app.send('GET', `/v1/webhook-endpoints/${id}`, { token: admin })).body).toMatchObject({
      organizerId: null,
    })
    expect((await app.send('GET', `/v1/webhook-endpoints/${id}`, { token: organizer })).status).toBe(404)
    const { organizerId: third } = await givenOrganizer(app.db.database)
    const things = [await happen(), await happen(1, third)]
    await bring()
    const entities = receiver.received.map((one) => z.object({ entityId: z.string() }).parse(verified(one, secret)))
    expect(entities.map(({ entityId }) => entityId).toSorted()).toEqual(things.toSorted())
  })

  it.each(['http://shop.example/', 'https://127.0.0.1/', 'https://[::1]/', 'https://169.254.169.254/', 'shop.example'])(
    'is not registered, nor moved, to %s',
    async (url) => {
      const owner = await givenOrganizer(strict.db.database)
      const token = await signTestToken('organizer', owner)
      const made = await strict.send('POST', '/v1/webhook-endpoints', { token, body: { url: 'https://shop.example/' } })
      const { id } = expectBody(endpointSchema, made)
      const refusals = [
        await strict.send('POST', '/v1/webhook-endpoints', { token, body: { url } }),
        await strict.send('PATCH', `/v1/webhook-endpoints/${id}`, { token, body: { url } }),
      ]
      for (const { status, body } of refusals) {
        expect(status).toBe(400)
        expect(problemSchema.parse(body)).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '/url' }] })
      }
    },
  )
})

describe('a delivery', () => {
  it('can be looked up with what was answered, and sent again under the same id', async () => {
    const { id, secret = '' } = await register()
    await happen()
    await bring()
    const list = await app.send('GET', `/v1/webhook-endpoints/${id}/deliveries?status=delivered`, { token: organizer })
    const [delivery, ...others] = expectBody(listSchema, list).items
    expect(others).toEqual([])
    const path = `/v1/webhook-deliveries/${delivery?.id}`
    const shown = await app.send('GET', path, { token: organizer })
    expect(shown.body).toMatchObject({ status: 'delivered', log: [{ statusCode: 204, error: null, response: '' }] })

    const call = { token: organizer, headers: { 'Idempotency-Key': 'replay-1' } }
    const again = expectBody(deliverySchema, await app.send('POST', `${path}/replay`, call))
    expect(again).toMatchObject({ replayOf: delivery?.id, status: 'pending', eventId: delivery?.eventId })
    expect(expectBody(deliverySchema, await app.send('POST', `${path}/replay`, call)).id).toBe(again.id)
    await bring()
    expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([
      delivery?.eventId,
      delivery?.eventId,
    ])
    for (const one of receiver.received) verified(one, secret)
  })

  it('that failed is sent again with all others that did since a time, once, and in order', async () => {
    const { id } = await register()
    receiver.answer = () => 500
    const entityId = await happen(3)
    await bring()
    await app.db.database.pool.query(
      `update webhook_deliveries set status = 'failed', next_attempt_at = null where endpoint_id = $1`,
      [id],
    )
    receiver.received.length = 0
    receiver.answer = () => 204
    const replay = (since: string) =>
      app.send('POST', `/v1/webhook-endpoints/${id}/replay`, { token: organizer, body: { since } })
    const future = new Date(Date.now() + 60_000).toISOString()
    expect((await replay(future)).status).toBe(202)
    await bring()
    expect(receiver.received).toEqual([])
    expect((await replay('2026-01-01T00:00:00Z')).status).toBe(202)
    // Those that are on their way again are not sent a third time.
    expect((await replay('2026-01-01T00:00:00Z')).status).toBe(202)
    await bring()
    const told = receiver.received.map(({ raw }) =>
      z.object({ entityId: z.string(), seq: z.number() }).parse(JSON.parse(raw.toString())),
    )
    expect(told).toEqual([1, 2, 3].map((seq) => ({ entityId, seq })))
  })

  it('of a test goes to its endpoint alone, whatever types that takes', async () => {
    const other = await openReceiver()
    await register({ url: other.url, eventTypes: [] })
    const { id, secret = '' } = await register({ eventTypes: ['refund.*'] })
    await bring()
    other.received.length = 0
    const answer = await app.send('POST', `/v1/webhook-endpoints/${id}/test`, { token: organizer, body: {} })
    expect(answer.status).toBe(202)
    await bring()
    expect(other.received).toEqual([])
    await other.close()
    const [one] = receiver.received
    if (one === undefined) throw new Error('nothing came')
    const event = verified(one, secret)
    expect(event).toMatchObject({ type: 'webhook_endpoint.test', organizerId, data: { endpointId: id } })
    expect(eventSchema('webhook_endpoint.test').parse(event)).toEqual(event)

    await app.send('PATCH', `/v1/webhook-endpoints/${id}`, { token: organizer, body: { status: 'disabled' } })
    const refused = await app.send('POST', `/v1/webhook-endpoints/${id}/test`, { token: organizer, body: {} })
    expect(problemSchema.parse(refused.body)).toMatchObject({ code: 'invalid_transition', allowed: ['active'] })
  })
})

describe('the feed', () => {
  const read = async (query: string, token = organizer) =>
    expectBody(feedSchema, await app.send('GET', `/v1/feed${query}`, { token }))

  it('is read page by page, each event once, and says where to go on when nothing is new', async () => {
    // Earlier events have their places, and are not new.
    await bring()
    const { nextCursor: start } = await read('?cursor=latest')
    const [first, second] = [await happen(3), await happen(2)]
    const seen: string[] = []
    let cursor = start
    for (;;) {
      const { items, nextCursor } = await read(`?limit=2&cursor=${cursor}`)
      cursor = nextCursor
      seen.push(...items.map(({ entityId, seq }) => `${entityId} ${seq}`))
      if (items.length === 0) break
    }
    expect(seen).toEqual([1, 2, 3].map((seq) => `${first} ${seq}`).concat([1, 2].map((seq) => `${second} ${seq}`)))
    expect(await read(`?cursor=${cursor}`)).toEqual({ items: [], nextCursor: cursor })
    const third = await happen()
    expect((await read(`?cursor=${cursor}`)).items.map(({ entityId }) => entityId)).toEqual([third])
  })

  it('begins at the beginning without a cursor, and takes types and families', async () => {
    await happen()
    const all = await read('?limit=100')
    expect(all.items.length).toBeGreaterThan(0)
    const venues = await read('?limit=100&types=venue.updated,movie.*')
    expect(new Set(venues.items.map(({ type }) => type))).toEqual(new Set(['venue.updated']))
    // A type that nobody has sent yet: types may become more.
    expect((await read('?types=venue.nothing')).items).toEqual([])
  })

  it('is that of the own organizer; admins name one', async () => {
    const entityId = await happen()
    expect(JSON.stringify(await read('?limit=100', stranger))).not.toContain(entityId)
    expect(JSON.stringify(await read(`?limit=100&organizerId=${organizerId}`, admin))).toContain(entityId)
    expect((await app.send('GET', `/v1/feed?organizerId=${organizerId}`, { token: stranger })).status).toBe(404)
    expect((await app.send('GET', '/v1/feed', { token: admin })).status).toBe(400)
  })

  it('does not take a family that there is not, and says which there are, as for an endpoint', async () => {
    const asked = await app.send('GET', '/v1/feed?types=booking.*,bokings.*', { token: organizer })
    const detail = expect.stringMatching(/^Must be of one of the families booking, .*showtime/)
    const errors = [{ pointer: '/types/1', detail }]
    expect([asked.status, asked.body]).toMatchObject([400, { code: 'invalid_request', errors }])
    const body = { url: 'https://shop.example/hook', eventTypes: ['booking.*', 'bokings.*'] }
    const made = await app.send('POST', '/v1/webhook-endpoints', { token: organizer, body })
    expect([made.status, made.body]).toMatchObject([400, { errors: [{ pointer: '/eventTypes/1', detail }] }])
  })

  it.each([
    'cursor=abc',
    'cursor=-1',
    'cursor=999999999999999',
    'types=booking',
    'types=',
    'types=*',
    'limit=0',
    'x=1',
  ])('does not take %s', async (query) => {
    const answer = await app.send('GET', `/v1/feed?${query}`, { token: organizer })
    expect([answer.status, problemSchema.parse(answer.body).code]).toEqual([400, 'invalid_request'])
  })
})
