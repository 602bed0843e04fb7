import { randomUUID } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Checkout, CheckoutOrder } from '@boxoffice/core/payments/provider.ts'
import { sandboxPlaySchema } from '@boxoffice/core/payments/sandbox/plays.ts'
import { createSandboxProvider } from '@boxoffice/core/payments/sandbox/sandbox-provider.ts'
import { eventually } from '../support/eventually.ts'
import { bodyOf, sharedSandbox } from './sandbox-harness.ts'

let order: CheckoutOrder
let checkout: Checkout
const sandbox = sharedSandbox()
beforeEach(async () => {
  ;({ order, checkout } = await sandbox.begin({ amount: 2_472, currency: 'EUR' }))
})

interface StoredReport {
  readonly eventId: string
  readonly sent: Readonly<Record<string, unknown>>
  /** The whole seconds between the first webhook that is due and this one. */
  readonly afterS: number
}

/** Reads the webhooks that were written for the checkout, in the order in which they are due. */
async function reportsOf({ providerReference }: Checkout): Promise<StoredReport[]> {
  const { rows } = await sandbox.db.database.pool.query<{ eventId: string; body: string; afterS: number }>(
    `select event_id as "eventId", body, round(extract(epoch from due_at - min(due_at) over ()))::int as "afterS"
       from sandbox_deliveries where body::json ->> 'checkoutId' = $1 order by due_at`,
    [providerReference],
  )
  return rows.map(({ eventId, body, afterS }) => {
    const { id, paymentId, checkoutId, ...sent } = JSON.parse(body) as Record<string, unknown>
    expect({ id, paymentId, checkoutId }).toEqual({
      id: eventId,
      paymentId: order.paymentId,
      checkoutId: providerReference,
    })
    return { eventId, sent, afterS }
  })
}

const find = () => sandbox.provider.findPayment({ paymentId: order.paymentId, providerReference: null })
const cancel = () => sandbox.provider.cancelCheckout({ paymentId: order.paymentId, providerReference: null })
const asked = { amount: 2_472, currency: 'EUR' }
const completed = { type: 'payment.completed', captured: asked }

describe('an action of a buyer on an open checkout', () => {
  it.each([
    ['approve', { status: 'completed', captured: asked }, [completed]],
    [
      'decline',
      { status: 'declined', reason: 'The card was declined.' },
      [{ type: 'payment.declined', reason: 'The card was declined.' }],
    ],
    [
      'fail',
      { status: 'failed', reason: 'The payment failed.' },
      [{ type: 'payment.failed', reason: 'The payment failed.' }],
    ],
    ['approve_later', { status: 'processing' }, [{ type: 'payment.processing' }]],
    ['approve_twice', { status: 'completed', captured: asked }, [completed, completed]],
    ['approve_out_of_order', { status: 'completed', captured: asked }, [completed, { type: 'payment.processing' }]],
    ['approve_silently', { status: 'completed', captured: asked }, []],
    [
      'approve_wrong_amount',
      { status: 'completed', captured: { amount: 2_471, currency: 'EUR' } },
      [{ type: 'payment.completed', captured: { amount: 2_471, currency: 'EUR' } }],
    ],
    [
      'approve_wrong_currency',
      { status: 'completed', captured: { amount: 2_472, currency: 'USD' } },
      [{ type: 'payment.completed', captured: { amount: 2_472, currency: 'USD' } }],
    ],
  ])('%s is in the books, with its reports', async (action, report, sent) => {
    expect(await sandbox.play(checkout, action)).toMatchObject({ kind: 'played' })
    expect(await find()).toEqual(report)
    expect((await reportsOf(checkout)).map((stored) => stored.sent)).toEqual(sent)
  })

  it('gives a report that is sent twice one event id', async () => {
    await sandbox.play(checkout, 'approve_twice')
    const [first, second, ...others] = await reportsOf(checkout)
    expect(first?.eventId).toMatch(/^evt_/)
    expect(second?.eventId).toBe(first?.eventId)
    expect(others).toEqual([])
  })

  it('gives reports that are mixed up two event ids, and sends the older one two seconds later', async () => {
    await sandbox.play(checkout, 'approve_out_of_order')
    const [first, second] = await reportsOf(checkout)
    expect(second?.eventId).not.toBe(first?.eventId)
    expect([first?.afterS, second?.afterS]).toEqual([0, 2])
  })

  it('lets a buyer try again after a card was declined, and again', async () => {
    for (const action of ['decline', 'decline', 'approve']) {
      expect(await sandbox.play(checkout, action)).toMatchObject({ kind: 'played' })
    }
    expect(await find()).toMatchObject({ status: 'completed' })
    const ids = (await reportsOf(checkout)).map(({ eventId }) => eventId)
    expect(new Set(ids).size).toBe(3)
  })

  it('takes one minor unit more where one less would be nothing', async () => {
    const cheap = await sandbox.begin({ amount: 1, currency: 'USD' })
    await sandbox.play(cheap.checkout, 'approve_wrong_amount')
    const payment = { paymentId: cheap.order.paymentId, providerReference: null }
    expect(await sandbox.provider.findPayment(payment)).toMatchObject({ captured: { amount: 2, currency: 'USD' } })
  })

  it('takes euros for dollars', async () => {
    const other = await sandbox.begin({ amount: 100, currency: 'USD' })
    await sandbox.play(other.checkout, 'approve_wrong_currency')
    const payment = { paymentId: other.order.paymentId, providerReference: null }
    expect(await sandbox.provider.findPayment(payment)).toMatchObject({ captured: { amount: 100, currency: 'EUR' } })
  })

  it('takes the money after the hold has ended, as long as nobody closed the page', async () => {
    const late = await sandbox.begin({ expiresAt: new Date(Date.now() - 60_000) })
    expect(await sandbox.play(late.checkout, 'approve')).toMatchObject({ kind: 'played' })
  })
})

describe('an action of a buyer on a checkout that is over', () => {
  const changesNothing = async (action: string, reason: RegExp) => {
    const [before, sent] = [await find(), await reportsOf(checkout)]
    expect(await sandbox.play(checkout, action)).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(reason),
    })
    expect(await find()).toEqual(before)
    expect(await reportsOf(checkout)).toEqual(sent)
  }

  it.each(['approve', 'decline', 'fail', 'approve_later', 'approve_cancelled'])(
    'is refused after it was paid: %s',
    async (action) => {
      await sandbox.play(checkout, 'approve')
      await changesNothing(action, /paid already/)
    },
  )

  it('is refused after it failed', async () => {
    await sandbox.play(checkout, 'fail')
    await changesNothing('approve', /failed for good/)
  })

  it('is refused after the page was closed', async () => {
    await cancel()
    await changesNothing('approve', /closed/)
  })

  it('takes the money of a closed page only when told to, and says so', async () => {
    await changesNothing('approve_cancelled', /that was closed/)
    await cancel()
    expect(await sandbox.play(checkout, 'approve_cancelled')).toMatchObject({ kind: 'played' })
    expect(await find()).toEqual({ status: 'completed', captured: asked })
    expect((await reportsOf(checkout)).map(({ sent }) => sent)).toEqual([{ ...completed, afterCancellation: true }])
  })

  it('is not known where there is no such checkout', async () => {
    expect(await sandbox.play({ providerReference: 'sbx_none' }, 'approve')).toEqual({ kind: 'unknown' })
  })

  it('has one winner when the buyer, the bank and Boxoffice are all there at once', async () => {
    const [approved, failed] = await Promise.all([
      sandbox.play(checkout, 'approve'),
      sandbox.play(checkout, 'fail'),
      cancel(),
    ])
    expect([approved, failed].filter(({ kind }) => kind === 'played').length).toBeLessThanOrEqual(1)
    expect((await reportsOf(checkout)).length).toBeLessThanOrEqual(1)
    const status = approved.kind === 'played' ? 'completed' : 'failed'
    expect(await find()).toMatchObject({ status })
  })
})

describe('a payment that takes its time', () => {
  const isDue = () =>
    sandbox.db.database.pool.query('update sandbox_checkouts set completes_at = now() where id = $1', [
      checkout.providerReference,
    ])

  it('completes after ten seconds, or what it was told', async () => {
    const other = await sandbox.begin()
    await sandbox.play(checkout, 'approve_later')
    await sandbox.play(other.checkout, 'approve_later', { delayS: '3600' })
    const { rows } = await sandbox.db.database.pool.query<{ s: number }>(
      `select round(extract(epoch from completes_at - now()))::int as s from sandbox_checkouts where id = any($1) order by 1`,
      [[checkout.providerReference, other.checkout.providerReference]],
    )
    expect(rows).toEqual([{ s: 10 }, { s: 3_600 }])
  })

  it.each([0, 3_601, 1.5, -1, '', 'soon', null])('does not take %j seconds', (delayS) => {
    expect(sandboxPlaySchema.safeParse({ action: 'approve_later', delayS }).success).toBe(false)
  })

  it('may fail in the end', async () => {
    await sandbox.play(checkout, 'approve_later')
    expect(await sandbox.play(checkout, 'decline')).toMatchObject({ kind: 'refused' })
    expect(await sandbox.play(checkout, 'fail')).toMatchObject({ kind: 'played' })
    expect(await find()).toMatchObject({ status: 'failed' })
  })

  it('completes by itself once, whoever looks, and says so', async () => {
    await sandbox.play(checkout, 'approve_later')
    await isDue()
    const others = [sandbox.db.open(), sandbox.db.open()]
    const senders = others.map((database) => sandbox.startSender({ database }))
    try {
      await eventually(async () => expect(await find()).toEqual({ status: 'completed', captured: asked }))
      await sandbox.settled()
    } finally {
      await Promise.all(senders.map((sender) => sender.stop(10_000)))
      await Promise.all(others.map((database) => database.close()))
    }
    expect((await reportsOf(checkout)).map(({ sent }) => sent)).toEqual([{ type: 'payment.processing' }, completed])
    const arrived = sandbox.receiver.received.map(bodyOf).filter(({ paymentId }) => paymentId === order.paymentId)
    expect(arrived).toHaveLength(2)
    expect(new Set(arrived.map(({ type }) => type))).toEqual(new Set(['payment.completed', 'payment.processing']))
  })
})

describe('a checkout of the sandbox', () => {
  it('has an address that nobody can guess', () => {
    expect(checkout.providerReference).toMatch(/^sbx_[A-Za-z0-9_-]{24}$/)
    expect(checkout.checkoutUrl).toBe(`http://pay.example/sandbox/checkouts/${checkout.providerReference}`)
  })

  it.each([
    [{ amount: 0 }, /amount/],
    [{ amount: 1.5 }, /amount/],
    [{ currency: 'eur' }, /currency/],
    [{ returnUrl: 'javascript:alert(1)' }, /return address/],
    [{ returnUrl: 'thanks' }, /return address/],
  ])('is refused with %j', async (changes, reason) => {
    const paymentId = randomUUID()
    await expect(sandbox.provider.createCheckout({ ...order, paymentId, ...changes })).rejects.toThrow(reason)
    expect(await sandbox.provider.findPayment({ paymentId, providerReference: null })).toBeNull()
  })

  it('is refused for another amount under the same id', async () => {
    const other = sandbox.provider.createCheckout({ ...order, amount: order.amount + 1 })
    await expect(other).rejects.toMatchObject({ name: 'ProviderRefusedError' })
  })

  it('cannot be had while the books are out of reach, which says nothing about it', async () => {
    const url = new URL(sandbox.db.url)
    url.port = '1'
    const unreachable = sandbox.db.open({ url: url.href })
    const provider = createSandboxProvider({ database: unreachable, publicUrl: () => '', webhookSecret: '' })
    await expect(provider.createCheckout(order)).rejects.toMatchObject({ name: 'ProviderUnavailableError' })
    await unreachable.close()
  })
})
