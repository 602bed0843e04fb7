import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deliverWebhook } from '@boxoffice/core/payments/sandbox/deliver-webhook.ts'
import { claimDeliveries } from '@boxoffice/core/payments/sandbox/queries/claim-deliveries.ts'
import { findSandboxWork } from '@boxoffice/core/payments/sandbox/queries/find-work.ts'
import { eventually } from '../support/eventually.ts'
import { findFreePort } from '../support/free-port.ts'
import type { SentWebhook } from './provider-contract.ts'
import { bodyOf, openSandbox, WEBHOOK_SECRET, type Sandbox } from './sandbox-harness.ts'
import { testLogger } from '../support/logger.ts'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await openSandbox()
})
afterEach(() => sandbox.close())

interface StoredDelivery {
  readonly attempts: number
  readonly isDelivered: boolean
  /** The seconds that have begun; `null` for never again. */
  readonly dueInS: number | null
}

async function deliveries(): Promise<StoredDelivery[]> {
  const { rows } = await sandbox.db.database.pool.query<StoredDelivery>(
    `select attempts, delivered_at is not null as "isDelivered",
            case when isfinite(due_at) then ceil(extract(epoch from due_at - clock_timestamp()))::int end as "dueInS"
       from sandbox_deliveries order by id`,
  )
  return rows
}

const makeDue = () =>
  sandbox.db.database.pool.query(`update sandbox_deliveries set due_at = now() where due_at < 'infinity'`)

/** Creates a paid checkout with one webhook waiting. */
async function givenReport(action = 'approve') {
  const { order, checkout } = await sandbox.begin()
  await sandbox.play(checkout, action)
  return { ...order, checkoutId: checkout.providerReference }
}

const paymentIdOf = (webhook: SentWebhook) => bodyOf(webhook)['paymentId']

describe('a webhook', () => {
  it('arrives, signed so that the provider reads it', async () => {
    const { paymentId, checkoutId } = await givenReport()
    sandbox.startSender()
    await sandbox.settled()
    const [webhook, ...others] = sandbox.receiver.received
    if (webhook === undefined) throw new Error('nothing arrived')
    expect(others).toEqual([])
    expect(webhook.headers['content-type']).toBe('application/json')
    expect(sandbox.provider.readWebhook(webhook.body, webhook.headers)).toMatchObject({
      kind: 'payment',
      paymentId,
      providerReference: checkoutId,
      report: { status: 'completed', captured: { amount: 2_472, currency: 'EUR' } },
    })
  })

  it('arrives right after a nudge', async () => {
    const sender = sandbox.startSender()
    await givenReport()
    sender.nudge()
    await sandbox.settled()
    expect(sandbox.receiver.received).toHaveLength(1)
  })

  it('arrives twice under one id where that was played', async () => {
    await givenReport('approve_twice')
    sandbox.startSender()
    await sandbox.settled()
    const [first, second, ...others] = sandbox.receiver.received.map(bodyOf)
    expect(second).toEqual(first)
    expect(others).toEqual([])
  })

  it('arrives in the wrong order where that was played', async () => {
    await givenReport('approve_out_of_order')
    sandbox.startSender()
    await sandbox.settled()
    expect(sandbox.receiver.received.map(bodyOf).map(({ type }) => type)).toEqual([
      'payment.completed',
      'payment.processing',
    ])
  })

  it('never comes where its report was lost, and the payment is found by asking', async () => {
    const { paymentId } = await givenReport('approve_silently')
    const { paymentId: other } = await givenReport()
    sandbox.startSender()
    await sandbox.settled()
    expect(sandbox.receiver.received.map(paymentIdOf)).toEqual([other])
    expect(await sandbox.provider.findPayment({ paymentId, providerReference: null })).toMatchObject({
      status: 'completed',
    })
  })

  it('is sent again after a 500, the same bytes signed anew', async () => {
    const answers = [500, 204]
    sandbox.receiver.answer = () => answers.shift() ?? 204
    await givenReport()
    sandbox.startSender()
    await sandbox.settled()
    expect(await deliveries()).toMatchObject([{ attempts: 2, isDelivered: true }])
    const [first, second, ...others] = sandbox.receiver.received
    expect(second?.body.toString()).toBe(first?.body.toString())
    expect(others).toEqual([])
  })

  it('is sent again after a redirect, which is not followed', async () => {
    const answers = [307]
    sandbox.receiver.answer = () => answers.shift() ?? 200
    await givenReport()
    sandbox.startSender()
    await sandbox.settled()
    expect(sandbox.receiver.received).toHaveLength(2)
  })

  it('waits for a receiver that is not there yet', async () => {
    await givenReport()
    let url = `http://127.0.0.1:${await findFreePort()}/`
    const sender = sandbox.startSender({ webhookUrl: () => url })
    await eventually(async () => expect((await deliveries())[0]?.attempts).toBeGreaterThan(0))
    url = sandbox.receiver.url
    await makeDue()
    sender.nudge()
    await sandbox.settled()
    expect(sandbox.receiver.received).toHaveLength(1)
  })

  it('is tried twelve times, ever more rarely, and then given up', async () => {
    sandbox.receiver.answer = () => 503
    await givenReport()
    const { database } = sandbox.db
    const dependencies = {
      database,
      webhookUrl: () => sandbox.receiver.url,
      webhookSecret: WEBHOOK_SECRET,
      logger: testLogger,
    }
    const waits: unknown[] = []
    for (let attempt = 1; attempt <= 12; attempt++) {
      await makeDue()
      const [claimed] = await claimDeliveries(database.pool, 1, 15_000)
      if (claimed === undefined) throw new Error('it was given up early')
      await deliverWebhook(dependencies, claimed, new AbortController().signal)
      waits.push((await deliveries())[0]?.dueInS)
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, null])
    expect(await findSandboxWork(sandbox.db.database.pool)).toEqual({ completions: false, deliveries: false })
    expect(sandbox.receiver.received).toHaveLength(12)
  })
})

describe('several senders', () => {
  it('send each webhook once', async () => {
    const playing = Array.from({ length: 60 }, () => givenReport())
    const expected = (await Promise.all(playing)).map(({ paymentId }) => paymentId)
    const databases = [sandbox.db.open(), sandbox.db.open(), sandbox.db.open()]
    const senders = databases.map((database) => sandbox.startSender({ database }))
    await sandbox.settled()
    await Promise.all(senders.map((sender) => sender.stop(10_000)))
    await Promise.all(databases.map((database) => database.close()))
    expect(new Set(sandbox.receiver.received.map(paymentIdOf))).toEqual(new Set(expected))
    expect(sandbox.receiver.received).toHaveLength(expected.length)
    expect((await deliveries()).every(({ attempts }) => attempts === 1)).toBe(true)
  })

  it('send what another has taken and never finished, once its lease is over', async () => {
    await givenReport()
    const before = performance.now()
    // A process that claims it, and dies.
    expect(await claimDeliveries(sandbox.db.database.pool, 10, 600)).toHaveLength(1)
    sandbox.startSender()
    await sandbox.settled()
    expect(performance.now() - before).toBeGreaterThan(590)
    expect(await deliveries()).toMatchObject([{ attempts: 2, isDelivered: true }])
    expect(sandbox.receiver.received).toHaveLength(1)
  })

  it('do not put off what another has taken over meanwhile', async () => {
    const refused = Promise.withResolvers<number>()
    let isFirst = true
    sandbox.receiver.answer = () => {
      if (!isFirst) return 204
      isFirst = false
      return refused.promise
    }
    await givenReport()
    const slow = sandbox.startSender({ leaseMs: 1_000 })
    await eventually(() => expect(sandbox.receiver.received).toHaveLength(1))
    await eventually(async () => expect(await deliveries()).toMatchObject([{ attempts: 2, isDelivered: true }]))
    refused.resolve(500)
    await slow.stop(10_000)
    expect(await deliveries()).toMatchObject([{ attempts: 2, isDelivered: true }])
  })
})

describe('a sender', () => {
  it('lets no slow receiver keep other webhooks waiting', async () => {
    const released = Promise.withResolvers<number>()
    const slow = await givenReport()
    sandbox.receiver.answer = (webhook) => (paymentIdOf(webhook) === slow.paymentId ? released.promise : 204)
    const sender = sandbox.startSender()
    await eventually(() => expect(sandbox.receiver.received).toHaveLength(1))
    await givenReport()
    sender.nudge()
    await eventually(async () => expect((await deliveries()).map((each) => each.isDelivered)).toEqual([false, true]))
    released.resolve(204)
    await sandbox.settled()
  })

  it('stops without waiting for an answer, and what was under way is sent again', async () => {
    const never = Promise.withResolvers<number>()
    sandbox.receiver.answer = () => never.promise
    await givenReport()
    const sender = sandbox.startSender()
    await eventually(() => expect(sandbox.receiver.received).toHaveLength(1))
    await sender.stop(10_000)
    expect(await deliveries()).toMatchObject([{ attempts: 1, isDelivered: false, dueInS: 1 }])
    never.resolve(204)
  })

  it('goes on after its database was away', async () => {
    const database = sandbox.db.open()
    const sender = sandbox.startSender({ database })
    await sandbox.db.database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name like 'test-extra/%' and datname = current_database()`,
    )
    await givenReport()
    await sandbox.settled()
    await sender.stop(10_000)
    await database.close()
    expect(sandbox.receiver.received).toHaveLength(1)
  })

  it('looks for work in indexes alone, however much was delivered and never analyzed', async () => {
    const client = await sandbox.db.database.pool.connect()
    try {
      await client.query(
        `insert into sandbox_deliveries (id, event_id, body, due_at, delivered_at)
         select gen_random_uuid(), 'evt', '{}', now(), now() from generate_series(1, 20000)`,
      )
      await client.query(
        `insert into sandbox_checkouts (id, payment_id, booking_reference, description, amount, currency)
         select 'sbx_' || n, gen_random_uuid(), 'R', 'D', 1, 'EUR' from generate_series(1, 20000) n`,
      )
      await findSandboxWork(client)
      const { rows } = await client.query<{ 'QUERY PLAN': string }>('explain execute "sandbox-find-work"')
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n')
      expect(plan).toContain('sandbox_deliveries_due')
      expect(plan).toContain('sandbox_checkouts_completing')
      expect(plan).not.toContain('Seq Scan')
    } finally {
      client.release()
    }
  })
})
