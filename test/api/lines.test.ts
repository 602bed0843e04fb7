import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { feedPage } from '@boxoffice/contract/schemas/feed.ts'
import { line as lineSchema } from '@boxoffice/contract/schemas/line.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { givenEvent, givenOrganizer, givenShowtime } from '../support/catalogue.ts'
import { eventually } from '../support/eventually.ts'
import { laneFor } from '@boxoffice/core/domain/lane.ts'
import { TEST_LANES } from '../support/lanes.ts'
import { signTestToken } from '../support/tokens.ts'
import { expectBody, problemSchema, sharedLifecycleApp } from './start-lifecycle-app.ts'

// The line of one showtime or event, over HTTP. Pausing a lane, and several processes, are in operations.test.ts.

const ACTIONS = ['pause', 'drain', 'resume'] as const
type Action = (typeof ACTIONS)[number]
type Kind = 'showtime' | 'event'

let organizerId: string
let organizer: string
let foreign: string
let admin: string
let customer: string
const app = sharedLifecycleApp()
beforeAll(async () => {
  admin = await signTestToken('admin', { subject: 'admin:ops' })
  customer = await signTestToken('customer')
})
beforeEach(async () => {
  organizerId = (await givenOrganizer(app.db.database)).organizerId
  organizer = await signTestToken('organizer', { organizerId, subject: 'organizer:ada' })
  foreign = await signTestToken('organizer', { organizerId: (await givenOrganizer(app.db.database)).organizerId })
})

interface Sold {
  readonly kind: Kind
  readonly id: string
  /** Returns what a request for it asks for. */
  readonly ask: () => object
}

async function given(kind: Kind, lane?: number): Promise<Sold> {
  const options = { organizerId, ...(lane !== undefined && { lane }) }
  if (kind === 'event') {
    const { eventId: id, ticketTypeIds } = await givenEvent(app.db.database, options)
    return { kind, id, ask: () => ({ tickets: [{ ticketTypeId: ticketTypeIds[0], quantity: 1 }] }) }
  }
  const { showtimeId: id, seats } = await givenShowtime(app.db.database, options)
  let next = 0
  return { kind, id, ask: () => ({ seats: [seats[next++] ?? ''] }) }
}

const pathOf = ({ kind, id }: Pick<Sold, 'kind' | 'id'>, what: Action | 'line') => `/v1/${kind}s/${id}/${what}`

function call(sold: Pick<Sold, 'kind' | 'id'>, action: Action, options: { token?: string | null; key?: string } = {}) {
  const { token = organizer, key } = options
  const headers = { 'X-Request-Id': 'the-request', ...(key !== undefined && { 'Idempotency-Key': key }) }
  return app.send('POST', pathOf(sold, action), { token, headers, body: { reason: 'The hall was double-booked' } })
}

async function tell(sold: Sold, action: Action, options: { key?: string } = {}) {
  const answer = await call(sold, action, options)
  expect([answer.status, answer.text]).toEqual([200, answer.text])
  return { line: expectBody(lineSchema, answer), headers: answer.headers }
}

async function lineOf(sold: Sold) {
  return expectBody(lineSchema, await app.send('GET', pathOf(sold, 'line'), { token: organizer }))
}

const request = ({ kind, id, ask }: Sold, key?: string) =>
  app.send('POST', '/v1/booking-requests', {
    token: customer,
    headers: key === undefined ? {} : { 'Idempotency-Key': key },
    body: { resource: { type: kind, id }, ...ask(), customer: { name: 'Ada', email: 'ada@example.org' } },
  })

async function accepted(sold: Sold): Promise<string> {
  const answer = await request(sold)
  expect([answer.status, answer.text]).toEqual([202, answer.text])
  return (answer.body as { readonly id: string }).id
}

async function stateOf(id: string): Promise<unknown> {
  const { body } = await app.send('GET', `/v1/booking-requests/${id}`, { token: customer })
  return (body as { readonly state: unknown }).state
}

const decided = (id: string) => eventually(async () => expect(await stateOf(id)).toBe('booked'))

describe.each(['showtime', 'event'] as const)('the line of a %s', (kind) => {
  test('is shown with what waits in it', async () => {
    const sold = await given(kind)
    const asUsual = { paused: false, draining: false, waiting: 0, oldestMs: null, decidedPerSecond: 0 }
    expect(await lineOf(sold)).toEqual(asUsual)
    expect((await tell(sold, 'pause')).line).toEqual({ ...asUsual, paused: true })
    for (let each = 0; each < 3; each++) await accepted(sold)
    const { oldestMs, ...line } = await lineOf(sold)
    expect(line).toEqual({ paused: true, draining: false, waiting: 3, decidedPerSecond: 0 })
    expect(oldestMs).toBeGreaterThanOrEqual(0)
    expect(oldestMs).toBeLessThan(10_000)
    expect((await tell(sold, 'drain')).line).toMatchObject({ paused: false, draining: true })
    expect((await tell(sold, 'resume')).line).toMatchObject({ paused: false, draining: false })
    await decided(await accepted(sold))
    const after = await lineOf(sold)
    expect(after).toMatchObject({ waiting: 0, oldestMs: null })
    expect(after.decidedPerSecond).toBeGreaterThan(0)
  })

  test('keeps its requests while it is paused, and its neighbour in the same lane goes on', async () => {
    const [sold, neighbour] = [await given(kind, 3), await given(kind, 3)]
    expect(laneFor(sold.id, TEST_LANES)).toBe(laneFor(neighbour.id, TEST_LANES))
    await tell(sold, 'pause')
    const first = await accepted(sold)
    await decided(await accepted(neighbour))
    const second = await accepted(sold)
    await decided(await accepted(neighbour))
    expect([await stateOf(first), await stateOf(second)]).toEqual(['queued', 'queued'])
    expect(await lineOf(sold)).toMatchObject({ paused: true, waiting: 2 })
    expect(await lineOf(neighbour)).toMatchObject({ paused: false, waiting: 0 })
    // There is no sweep here: the next notification finds them, as the sweep would.
    await tell(sold, 'resume')
    await decided(await accepted(sold))
    expect([await stateOf(first), await stateOf(second)]).toEqual(['booked', 'booked'])
  })

  test('takes nothing new while it is drained, and decides what waits', async () => {
    const [sold, neighbour] = [await given(kind, 3), await given(kind, 3)]
    await tell(sold, 'pause')
    const id = await accepted(sold)
    expect((await tell(sold, 'drain')).line).toMatchObject({ paused: false, draining: true, waiting: 1 })
    const refused = await request(sold)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('5')
    const problem = problemSchema.parse(refused.body)
    expect(problem).toMatchObject({
      code: 'overloaded',
      detail: 'Nothing was accepted: no more booking requests are taken for this one at the moment.',
    })
    await decided(await accepted(neighbour))
    await decided(id)
    expect((await tell(sold, 'resume')).line).toMatchObject({ paused: false, draining: false })
    await decided(await accepted(sold))
  })

  test('that is drained still answers for what was accepted under a key', async () => {
    const sold = await given(kind)
    const wish = sold.ask()
    const same: Sold = { ...sold, ask: () => wish }
    const first = await request(same, `known-${kind}`)
    expect(first.status).toBe(202)
    await tell(sold, 'drain')
    const again = await request(same, `known-${kind}`)
    expect(again.status).toBeLessThan(300)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toMatchObject({ id: (first.body as { readonly id: string }).id })
  })

  test('is changed once under one key, and told what it is now', async () => {
    const sold = await given(kind)
    expect((await tell(sold, 'pause', { key: `once-${kind}` })).headers.get('idempotency-replayed')).toBeNull()
    await tell(sold, 'resume')
    const again = await tell(sold, 'pause', { key: `once-${kind}` })
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.line.paused).toBe(false)
    // The same key for something else is refused.
    const reused = await call(sold, 'drain', { key: `once-${kind}` })
    expect(problemSchema.parse(reused.body)).toMatchObject({ status: 422, code: 'idempotency_key_reused' })
    expect(await lineOf(sold)).toMatchObject({ paused: false, draining: false })
  })

  test('is for its organizer and for admins', async () => {
    const sold = await given(kind)
    for (const action of ACTIONS) {
      expect((await call(sold, action, { token: null })).status).toBe(401)
      for (const role of ['customer', 'staff'] as const) {
        expect((await call(sold, action, { token: await signTestToken(role, { organizerId }) })).status).toBe(403)
      }
      const hidden = await call(sold, action, { token: foreign })
      const missing = await call({ kind, id: '0199a000-0000-7000-8000-00000000dead' }, action)
      expect([hidden.status, missing.status]).toEqual([404, 404])
      expect({ ...problemSchema.parse(hidden.body), requestId: '' }).toEqual({
        ...problemSchema.parse(missing.body),
        requestId: '',
      })
    }
    // One of the other kind is none of these.
    const other: Kind = kind === 'event' ? 'showtime' : 'event'
    expect((await call({ kind: other, id: sold.id }, 'pause')).status).toBe(404)
    expect((await app.send('GET', pathOf(sold, 'line'), { token: foreign })).status).toBe(404)
    expect((await app.send('GET', pathOf(sold, 'line'), { token: customer })).status).toBe(403)
    expect((await app.send('GET', pathOf(sold, 'line'), { token: null })).status).toBe(401)
    expect(await lineOf(sold)).toMatchObject({ paused: false, draining: false })
    expect((await call(sold, 'pause', { token: admin })).status).toBe(200)
    expect((await app.send('GET', pathOf(sold, 'line'), { token: admin })).body).toMatchObject({ paused: true })
  })

  test('needs a reason to be changed', async () => {
    const sold = await given(kind)
    for (const body of [{}, { reason: '' }, { reason: 7 }, { reason: 'x', lane: 1 }]) {
      expect((await app.send('POST', pathOf(sold, 'pause'), { token: organizer, body })).status).toBe(400)
    }
    expect(await lineOf(sold)).toMatchObject({ paused: false })
  })

  test('has each change in the audit and in the feed, and none where nothing changes', async () => {
    const sold = await given(kind)
    for (const action of ['pause', 'pause', 'drain', 'drain', 'resume', 'resume'] as const) await tell(sold, action)
    const reason = 'The hall was double-booked'
    const changes = [
      {
        action: `${kind}.paused`,
        before: { paused: false, draining: false },
        after: { paused: true, draining: false, reason },
      },
      {
        action: `${kind}.draining`,
        before: { paused: true, draining: false },
        after: { paused: false, draining: true, reason },
      },
      {
        action: `${kind}.resumed`,
        before: { paused: false, draining: true },
        after: { paused: false, draining: false, reason },
      },
    ]
    const { rows } = await app.db.database.pool.query(
      `select action, before, after, actor, request_id as "requestId", organizer_id as "organizerId" from audit
       where entity_id = $1 and action ~ '[.](paused|draining|resumed)$' order by at, id`,
      [sold.id],
    )
    const by = { actor: 'organizer:ada', requestId: 'the-request', organizerId }
    expect(rows).toEqual(changes.map((change) => ({ ...change, ...by })))

    await publishOutgoingEvents(app.db.database)
    const types = changes.map(({ action }) => action)
    const feed = await app.send('GET', `/v1/feed?limit=100&types=${types.join(',')}`, { token: organizer })
    const { items } = expectBody(feedPage, feed)
    expect(items.map(({ type, entityId, data }) => ({ type, entityId, data }))).toEqual(
      changes.map(({ action, after }) => ({ type: action, entityId: sold.id, data: { id: sold.id, ...after } })),
    )
  })
})
