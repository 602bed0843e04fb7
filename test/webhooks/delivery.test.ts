import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { findWebhookDelivery, listWebhookDeliveries } from '@boxoffice/core/webhooks/queries/webhook-delivery-view.ts'
import { getThing } from '@boxoffice/core/use-case/read-things.ts'
import { webhookEndpoints } from '@boxoffice/core/webhooks/queries/webhook-endpoint-view.ts'
import { MAX_WEBHOOK_ENDPOINTS } from '@boxoffice/core/domain/webhook-endpoint.ts'
import { MAX_ATTEMPTS } from '@boxoffice/core/webhooks/retry.ts'
import { rotateSecret } from '@boxoffice/core/webhooks/rotate-secret.ts'
import { updateEndpoint } from '@boxoffice/core/webhooks/update-endpoint.ts'
import { eventually } from '../support/eventually.ts'
import { openReceiver, type Receiver, seqsOf, verified, sharedStage, sendDue } from './harness.ts'

let receiver: Receiver
const stage = sharedStage()
beforeEach(async () => {
  receiver = await openReceiver()
})
afterEach(async () => {
  await stage.reset()
  await receiver.close()
})

const view = (id: string) => getThing(stage.db.database.pool, webhookEndpoints, id, null)
const deliveries = async (id: string) =>
  (await listWebhookDeliveries(stage.db.database.pool, id, null, 100, null)).items

describe('a webhook', () => {
  it('is what the library of Standard Webhooks verifies, and has the fields that are documented', async () => {
    const id = await stage.endpoint(receiver.url)
    const entityId = await stage.events(1)
    await sendDue(stage.sender())
    const [one, ...others] = receiver.received
    if (one === undefined) throw new Error('nothing came')
    expect(others).toEqual([])
    expect(verified(one, await stage.secretOf(id))).toEqual({
      type: 'venue.updated',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      organizerId: stage.organizerId,
      entityId,
      seq: 1,
      data: { id: entityId, name: '1' },
    })
    expect(one.headers['content-type']).toBe('application/json')
    expect(one.headers['webhook-id']).toBe((await deliveries(id))[0]?.eventId)
    const altered = { ...one, raw: Buffer.from(one.raw.toString().replace('"n":1', '"n":2')) }
    expect(() => verified(altered, 'whsec_c2VjcmV0IG9mIHNvbWVib2R5IGVsc2U=')).toThrow('signature')
  })

  it('goes to the endpoints that take its type, once to each, and to none of another organizer', async () => {
    const all = await stage.endpoint(`${receiver.url}/all`, [])
    const family = await stage.endpoint(`${receiver.url}/family`, ['venue.*'])
    await stage.endpoint(`${receiver.url}/other`, ['venue.created', 'movie.*'])
    await stage.events(1)
    await sendDue(stage.sender())
    const venues = receiver.received.filter(({ raw }) => raw.includes('venue.updated'))
    expect(venues.map(({ path }) => path).toSorted()).toEqual(['/all', '/family'])
    expect((await stage.statuses(family))['delivered']).toBe(1)
    // The changes of this endpoint and of the others are events, too.
    expect((await stage.statuses(all))['delivered']).toBeGreaterThan(1)
  })

  it('is signed with both secrets after a rotation', async () => {
    const id = await stage.endpoint(receiver.url)
    const old = await stage.secretOf(id)
    await rotateSecret(stage.db.database, {
      id,
      organizerId: stage.organizerId,
      actor: 'test',
      requestId: null,
      keyed: null,
    })
    const fresh = await stage.secretOf(id)
    expect(fresh).not.toBe(old)
    await stage.events(1)
    await sendDue(stage.sender())
    const [one] = receiver.received
    if (one === undefined) throw new Error('nothing came')
    verified(one, old)
    verified(one, fresh)
    expect(String(one.headers['webhook-signature']).split(' ')).toHaveLength(2)

    await stage.db.database.pool.query(
      `update webhook_endpoints set previous_secret_expires_at = now() - interval '1 second'`,
    )
    await stage.events(1)
    await sendDue(stage.sender())
    const after = receiver.received[1]
    if (after === undefined) throw new Error('nothing came')
    verified(after, fresh)
    expect(() => verified(after, old)).toThrow('signature')
  })
})

describe('a webhook that is not taken', () => {
  it('is sent again under the same id, signed anew, and its log tells of each attempt', async () => {
    const answers = [500, 302, null]
    receiver.answer = () => (answers.length > 0 ? (answers.shift() ?? null) : 200)
    const id = await stage.endpoint(receiver.url)
    await stage.events(1)
    const sender = stage.sender({ posting: { answerWithinMs: 300 } })
    for (let attempt = 1; attempt <= 4; attempt++) {
      await sendDue(sender)
      await stage.letTimePass()
    }
    expect(receiver.received.map(({ path }) => path)).toEqual(['/', '/', '/', '/'])
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    const [delivery] = await deliveries(id)
    expect(delivery).toMatchObject({ status: 'delivered', attempts: 4, lastStatusCode: 200, nextAttemptAt: null })
    const log = (await findWebhookDelivery(stage.db.database.pool, delivery?.id ?? '', null))?.log
    expect(log?.map(({ statusCode, error }) => [statusCode, error])).toEqual([
      [500, 'It answered 500.'],
      [302, 'It answered 302; redirects are not followed.'],
      [null, 'There was no answer within 0.3 seconds.'],
      [200, null],
    ])
  })

  it('is given up after the last attempt, and what is behind it goes on', async () => {
    const id = await stage.endpoint(receiver.url)
    const entityId = await stage.events(2)
    receiver.answer = ({ raw }) => (raw.includes('"seq":1') ? 500 : 204)
    const sender = stage.sender()
    for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
      await sendDue(sender)
      expect(await stage.statuses(id)).toEqual({ pending: 2 })
      await stage.letTimePass()
    }
    await sendDue(sender)
    expect(await stage.statuses(id)).toEqual({ failed: 1, delivered: 1 })
    expect(seqsOf(receiver.received, entityId)).toEqual([...Array.from({ length: MAX_ATTEMPTS }, () => 1), 2])
  })

  it('waits as long as the schedule says', async () => {
    receiver.answer = () => 500
    const id = await stage.endpoint(receiver.url)
    await stage.events(1)
    await sendDue(stage.sender())
    const [delivery] = await deliveries(id)
    const waitMs = Date.parse(delivery?.nextAttemptAt ?? '') - Date.parse(delivery?.lastAttemptAt ?? '')
    expect(waitMs).toBeGreaterThanOrEqual(4_900)
    expect(waitMs).toBeLessThan(12_000)
    expect((await view(id)).failingSince).not.toBeNull()
  })

  it('disables its endpoint when that answers 410, and nothing more is sent there', async () => {
    receiver.answer = () => 410
    const id = await stage.endpoint(receiver.url)
    await stage.events(3)
    const sender = stage.sender()
    await sendDue(sender)
    await sendDue(sender)
    expect(await view(id)).toMatchObject({ status: 'disabled', disabledReason: 'gone' })
    expect(await stage.statuses(id)).toEqual({ failed: 3 })
    await stage.events(1)
    await sendDue(sender)
    expect(receiver.received).toHaveLength(1)
    const { rows } = await stage.db.database.pool.query(
      `select from audit where entity_id = $1 and action = 'webhook_endpoint.disabled'`,
      [id],
    )
    expect(rows).toHaveLength(1)
  })

  it('disables its endpoint when nothing has got through for five days, and enabling it again begins anew', async () => {
    receiver.answer = () => 503
    const id = await stage.endpoint(receiver.url)
    await stage.events(1)
    const sender = stage.sender()
    await sendDue(sender)
    const failingFor = async (interval: string) => {
      await stage.db.database.pool.query(
        `update webhook_endpoints set failing_since = now() - $1::interval where failing_since is not null`,
        [interval],
      )
      await stage.letTimePass()
      await sendDue(sender)
    }
    await failingFor('4 days 23 hours')
    expect((await view(id)).status).toBe('active')
    await failingFor('5 days 1 minute')
    expect(await view(id)).toMatchObject({ status: 'disabled', disabledReason: 'failing' })

    const call = { id, organizerId: stage.organizerId, actor: 'test', requestId: null, status: 'active' } as const
    await updateEndpoint(stage.db.database, call)
    expect(await view(id)).toMatchObject({ status: 'active', disabledReason: null, failingSince: null })
    receiver.answer = () => 200
    await stage.events(1)
    await sendDue(sender)
    expect((await stage.statuses(id))['delivered']).toBeGreaterThan(0)
  })
})

describe('the order', () => {
  it('is that of the events of each thing, also when an earlier one has to be sent again', async () => {
    await stage.endpoint(receiver.url)
    const [first, second] = [await stage.events(5), await stage.events(5)]
    const refused = new Set<string>()
    receiver.answer = ({ raw, headers }) => {
      const id = String(headers['webhook-id'])
      if (!raw.includes('"seq":2') || refused.has(id)) return 204
      refused.add(id)
      return 500
    }
    const [one, other] = [stage.sender(), stage.sender()]
    for (let round = 0; round < 20 && receiver.received.length < 12; round++) {
      await Promise.all([sendDue(one), sendDue(other)])
      await stage.letTimePass()
    }
    expect(seqsOf(receiver.received, first)).toEqual([1, 2, 2, 3, 4, 5])
    expect(seqsOf(receiver.received, second)).toEqual([1, 2, 2, 3, 4, 5])
  })

  it('is lost where each delivery goes for itself: the control', async () => {
    await stage.endpoint(receiver.url)
    const entityId = await stage.events(3)
    receiver.answer = (_, nth) => (nth === 1 ? 500 : 204)
    const own = stage.db.open()
    const database = redirectQueries(own, (text) =>
      text.replace('and (b.entity_seq, b.id) < (d.entity_seq, d.id)', 'and false'),
    )
    const sender = stage.sender({ database })
    await sendDue(sender)
    await stage.letTimePass()
    await sendDue(sender)
    await own.close()
    expect(seqsOf(receiver.received, entityId)).not.toEqual(
      seqsOf(receiver.received, entityId).toSorted((a, b) => a - b),
    )
  })

  it('does not make the things wait for each other', async () => {
    await stage.endpoint(receiver.url)
    const stuck = await stage.events(2)
    const free = await stage.events(3)
    receiver.answer = ({ raw }) => (raw.includes(stuck) ? 500 : 204)
    await sendDue(stage.sender())
    expect(seqsOf(receiver.received, stuck)).toEqual([1])
    expect(seqsOf(receiver.received, free)).toEqual([1, 2, 3])
  })

  it('finds what can be sent behind a thousand that have to wait', async () => {
    await stage.endpoint(receiver.url)
    const stuck = await stage.events(1)
    receiver.answer = ({ raw }) => (raw.includes(stuck) ? 500 : 204)
    const sender = stage.sender()
    await sendDue(sender)
    await stage.db.database.pool.query(
      `insert into webhook_deliveries (id, endpoint_id, event_id, event_at, event_type, entity_id, entity_seq,
         next_attempt_at, created_at)
       select gen_random_uuid(), endpoint_id, event_id, event_at, event_type, entity_id, n, now() - interval '1 hour', now()
       from webhook_deliveries, generate_series(2, 1000) n where entity_id = $1`,
      [stuck],
    )
    const free = await stage.events(1)
    sender.start()
    await eventually(() => expect(seqsOf(receiver.received, free)).toEqual([1]), { withinMs: 25_000 })
    expect(new Set(seqsOf(receiver.received, stuck))).toEqual(new Set([1]))
  })
})

describe('two senders', () => {
  it('send nothing twice at once', async () => {
    const id = await stage.endpoint(receiver.url)
    for (let thing = 0; thing < 12; thing++) await stage.events(3)
    const senders = [stage.sender(), stage.sender(), stage.sender()]
    while ((await stage.statuses(id))['pending'] !== undefined) await Promise.all(senders.map(sendDue))
    expect(receiver.received).toHaveLength(36)
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(36)
  })

  it('leave nothing undone: what one of them took and died with goes out again after its lease, under its id', async () => {
    const id = await stage.endpoint(receiver.url)
    const entityId = await stage.events(2)
    const dying = redirectQueries(stage.db.database, (text, name) => {
      if (name === 'settle-webhook-delivery') throw new Error('the process has died')
      return text
    })
    const dead = stage.sender({ database: dying })
    await dead.look()
    await dead.settled()
    expect(receiver.received).toHaveLength(1)
    const other = stage.sender()
    await sendDue(other)
    // Nobody else takes it before its lease is over, nor what comes after it.
    expect(receiver.received).toHaveLength(1)
    await stage.letTimePass()
    await sendDue(other)
    expect(seqsOf(receiver.received, entityId)).toEqual([1, 1, 2])
    expect(receiver.received[1]?.headers['webhook-id']).toBe(receiver.received[0]?.headers['webhook-id'])
    expect(await stage.statuses(id)).toEqual({ delivered: 2 })
  })

  it('hand over at once what one of them broke off when it was stopped', async () => {
    const id = await stage.endpoint(receiver.url)
    await stage.events(1)
    receiver.answer = (_, nth) => (nth === 1 ? null : 204)
    const stopped = stage.sender()
    await stopped.look()
    await eventually(() => expect(receiver.received).toHaveLength(1))
    await stopped.stop(10_000)
    await sendDue(stage.sender())
    expect(await deliveries(id)).toMatchObject([{ status: 'delivered', attempts: 1 }])
  })
})

describe('an endpoint that does not answer', () => {
  it('holds up no other one', async () => {
    const dead = await openReceiver()
    dead.answer = () => null
    try {
      // Together with the endpoint that answers, these are as many as allowed.
      for (let n = 1; n < 2 * MAX_WEBHOOK_ENDPOINTS; n++) {
        await stage.endpoint(`${dead.url}/${n}`, ['movie.*'], n < MAX_WEBHOOK_ENDPOINTS ? stage.organizerId : null)
      }
      for (let n = 0; n < 10; n++) await stage.events(1, 'movie.updated')
      const id = await stage.endpoint(receiver.url)
      const sender = stage.sender({ posting: { answerWithinMs: 1_500 } })
      sender.start()
      // Once they are known for it, they have half of the places at the most.
      await eventually(() => expect(dead.received.length).toBeGreaterThan(40), { withinMs: 20_000 })
      const begunAt = performance.now()
      for (let n = 0; n < 30; n++) await stage.events(1)
      await eventually(async () => expect(await stage.statuses(id)).toEqual({ delivered: 30 }), { withinMs: 20_000 })
      expect(performance.now() - begunAt).toBeLessThan(10_000)
    } finally {
      await stage.reset()
      await dead.close()
    }
  })
})

/** Returns the same database, with `rewrite` before the statements that go through its pool. */
function redirectQueries(database: Database, rewrite: (text: string, name: string) => string): Database {
  const query = async (statement: { name: string; text: string; values: unknown[] }) =>
    database.pool.query({ ...statement, text: rewrite(statement.text, statement.name) })
  const pool = new Proxy(database.pool, {
    get: (target, key) => {
      if (key === 'query') return query
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { ...database, pool }
}
