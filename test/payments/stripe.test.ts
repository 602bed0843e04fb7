import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import {
  ProviderRefusedError,
  ProviderUnavailableError,
  WebhookRefusedError,
  type CheckoutOrder,
  type PaymentProvider,
} from '@boxoffice/core/payments/provider.ts'
import { createStripeProvider } from '@boxoffice/core/payments/stripe/provider.ts'
import { loadStripe, STRIPE_API_VERSION } from '@boxoffice/core/payments/stripe/sdk.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'
import { startStripeStandIn, type StripeEvent, type StripeStandIn } from '../support/stripe-stand-in.ts'
import { describeProviderContract, orderOf, type SentWebhook } from './provider-contract.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const openProvider = (at: StripeStandIn, changes: { secretKey?: string; timeoutMs?: number } = {}) =>
  createStripeProvider({
    secretKey: at.secretKey,
    webhookSecret: at.webhookSecret,
    apiUrl: at.url,
    fallbackReturnUrl: () => 'https://boxoffice.example/',
    ...changes,
  })

describeProviderContract('stripe', async () => {
  const stripe = await startStripeStandIn()
  stripe.delayRefunds()
  const sent = async (events: readonly StripeEvent[]): Promise<SentWebhook[]> =>
    events.map(({ body }) => ({ body, headers: stripe.sign(body) }))
  const { buyer } = stripe
  return {
    provider: openProvider(stripe),
    approve: ({ providerReference }) => sent(buyer.pay(providerReference)),
    approveLater: ({ providerReference }) => sent(buyer.payLater(providerReference)),
    settle: ({ providerReference }) => sent(buyer.moneyArrives(providerReference)),
    decline: ({ providerReference }) => sent(buyer.isDeclined(providerReference)),
    failFinally: ({ providerReference }) =>
      sent([...buyer.payLater(providerReference), ...buyer.moneyFails(providerReference)]),
    settleRefund: ({ providerReference }) => sent(stripe.settleRefund(providerReference)),
    sign: (body, { at, genuine }) => stripe.sign(body, { at, ...(!genuine && { secret: 'whsec_of_someone_else' }) }),
    close: () => stripe.close(),
  }
})

let stripe: StripeStandIn
let provider: PaymentProvider

// One for each test: its clock is the test's to move.
beforeEach(async () => {
  stripe = await startStripeStandIn()
  provider = openProvider(stripe)
})
afterEach(() => stripe.close())

const paid = async (changes: Partial<CheckoutOrder> = {}) => {
  const order = orderOf(changes)
  const { providerReference } = await provider.createCheckout(order)
  stripe.buyer.pay(providerReference)
  const refund = { paymentId: order.paymentId, providerReference, refundId: randomUUID(), currency: order.currency }
  return { order, providerReference, refund: { ...refund, amount: 100 } }
}
const askedFor = (method: string, path: RegExp) =>
  stripe.requests.filter((request) => request.method === method && path.test(request.path))
const lastAsked = (method: string, path: RegExp) => {
  const last = askedFor(method, path).at(-1)
  if (last === undefined) throw new Error(`nobody asked for ${method} ${path.source}`)
  return last
}
const lastCheckout = () => lastAsked('POST', /sessions$/)
const read = (event: StripeEvent) => provider.readWebhook(event.body, stripe.sign(event.body))

describe('a checkout at Stripe', () => {
  it('names our payment and booking on the session and on its payment intent', async () => {
    const order = orderOf()
    await provider.createCheckout(order)
    const { params, headers } = lastCheckout()
    expect(Object.fromEntries(params)).toMatchObject({
      mode: 'payment',
      'line_items[0][quantity]': '1',
      'line_items[0][price_data][unit_amount]': '2472',
      'line_items[0][price_data][currency]': 'eur',
      'metadata[paymentId]': order.paymentId,
      'metadata[bookingReference]': order.bookingReference,
      'payment_intent_data[metadata][paymentId]': order.paymentId,
      'payment_intent_data[metadata][bookingReference]': order.bookingReference,
      customer_email: order.customerEmail,
      success_url: order.returnUrl,
      cancel_url: order.returnUrl,
    })
    expect(headers['idempotency-key']).toBe(`checkout:${order.paymentId}`)
  })

  it('is in the currency asked for, never in one of the buyer', async () => {
    await provider.createCheckout(orderOf())
    expect(lastCheckout().params.get('adaptive_pricing[enabled]')).toBe('false')
  })

  it('is not to be paid by means that may take longer than places are kept', async () => {
    await provider.createCheckout(orderOf())
    const { params } = lastCheckout()
    const excluded = [...params].flatMap(([name, value]) =>
      name.startsWith('excluded_payment_method_types') ? [value] : [],
    )
    expect(excluded.toSorted()).toEqual(['boleto', 'customer_balance', 'konbini', 'multibanco', 'oxxo'])
    // 14 business days, for a bank debit.
    expect(provider.processingWindowMs).toBeGreaterThanOrEqual(18 * DAY_MS)
  })

  it('returns to the page given for shops that name none', async () => {
    await provider.createCheckout(orderOf({ returnUrl: null }))
    expect(lastCheckout().params.get('success_url')).toBe('https://boxoffice.example/')
  })

  it('ends by itself half an hour after the hold, as soon as Stripe lets it', async () => {
    const expiresAt = new Date(Date.now() + 60_000)
    await provider.createCheckout(orderOf({ expiresAt }))
    const endsAfterMs = Number(lastCheckout().params.get('expires_at')) * 1_000 - expiresAt.getTime()
    expect(endsAfterMs / 60_000).toBeCloseTo(31, 1)
  })

  it('ends after Stripe’s 24 hours where the hold is longer', async () => {
    await provider.createCheckout(orderOf({ expiresAt: new Date(Date.now() + 2 * DAY_MS) }))
    expect(lastCheckout().params.has('expires_at')).toBe(false)
  })

  it('has a name of a readable length', async () => {
    for (const description of ['E5 '.repeat(1_000), '🎟'.repeat(1_000), `\u{d83c}${'E5 '.repeat(1_000)}`]) {
      await provider.createCheckout(orderOf({ description }))
      const name = lastCheckout().params.get('line_items[0][price_data][product_data][name]') ?? ''
      expect([...name]).toHaveLength(200)
      expect(name.at(-1)).toBe('…')
    }
  })

  it('is the same one when it is sent again with another hold and another page to return to', async () => {
    const order = orderOf({ paymentId: newId() })
    const checkout = await provider.createCheckout(order)
    const changed = { ...order, returnUrl: null, expiresAt: new Date(order.expiresAt.getTime() + 60_000) }
    expect(await provider.createCheckout(changed)).toEqual(checkout)
  })

  it('is not made a second time a day later, when Stripe has forgotten the first', async () => {
    const order = orderOf()
    const { providerReference } = await provider.createCheckout(order)
    stripe.passTime(DAY_MS + HOUR_MS)
    await expect(provider.createCheckout(order)).rejects.toThrow(ProviderRefusedError)
    expect(stripe.session(providerReference).status).toBe('expired')
  })

  it('is the same one after its answer was lost on the way', async () => {
    const order = orderOf({ paymentId: newId() })
    stripe.fail('drop', 2, /POST .*sessions$/)
    await expect(provider.createCheckout(order)).rejects.toThrow(ProviderUnavailableError)
    const unanswered = { paymentId: order.paymentId, providerReference: null }
    expect(await provider.findPayment(unanswered)).toEqual({ status: 'open' })
    const { providerReference } = await provider.createCheckout(order)
    stripe.buyer.pay(providerReference)
    expect(await provider.findPayment(unanswered)).toMatchObject({ status: 'completed' })
    const made = askedFor('POST', /sessions$/).filter(
      ({ params }) => params.get('metadata[paymentId]') === order.paymentId,
    )
    expect(new Set(made.map(({ headers }) => headers['idempotency-key'])).size).toBe(1)
  })

  it('stays unavailable after a 500 that Stripe keeps for the key; another payment is another try', async () => {
    const order = orderOf()
    stripe.fail('broken', 1, /POST .*sessions$/)
    await expect(provider.createCheckout(order)).rejects.toThrow(ProviderUnavailableError)
    await expect(provider.createCheckout(order)).rejects.toThrow(ProviderUnavailableError)
    await provider.createCheckout({ ...order, paymentId: randomUUID() })
  })
})

describe('a payment whose answer was lost', () => {
  it('is looked for around the time that its id names', async () => {
    // Stripe counts whole seconds, and the next one may begin at any moment.
    const since = Math.floor(Date.now() / 1_000)
    const order = orderOf({ paymentId: newId() })
    await provider.createCheckout(order)
    await provider.findPayment({ paymentId: order.paymentId, providerReference: null })
    const { params } = lastAsked('GET', /sessions$/)
    const madeAt = Date.now() / 1_000
    expect(Number(params.get('created[gte]'))).toBeGreaterThanOrEqual(since - 300)
    expect(Number(params.get('created[gte]'))).toBeLessThan(madeAt)
    expect(Number(params.get('created[lte]'))).toBeGreaterThan(madeAt)
    expect(Number(params.get('created[lte]'))).toBeLessThan(madeAt + 2 * 3_600)
  })

  it('is found among hundreds', async () => {
    const order = orderOf({ paymentId: newId() })
    await provider.createCheckout(order)
    for (let n = 0; n < 25; n += 1) {
      await Promise.all(Array.from({ length: 10 }, () => provider.createCheckout(orderOf())))
    }
    const unanswered = { paymentId: order.paymentId, providerReference: null }
    expect(await provider.findPayment(unanswered)).toEqual({ status: 'open' })
  })

  it('is not called unknown while Stripe cannot be asked', async () => {
    stripe.fail('unavailable', 2)
    const unanswered = { paymentId: newId(), providerReference: null }
    await expect(provider.findPayment(unanswered)).rejects.toThrow(ProviderUnavailableError)
  })
})

describe('closing a page', () => {
  it('tells when Stripe does not close it now, for the buyer may be about to pay', async () => {
    const order = orderOf()
    const { providerReference } = await provider.createCheckout(order)
    stripe.fail('busy page', 1, /expire$/)
    const payment = { paymentId: order.paymentId, providerReference }
    await expect(provider.cancelCheckout(payment)).rejects.toThrow(ProviderUnavailableError)
    await provider.cancelCheckout(payment)
    expect(stripe.session(providerReference).status).toBe('expired')
  })

  it('is told by a webhook', async () => {
    const order = orderOf()
    const { providerReference } = await provider.createCheckout(order)
    await provider.cancelCheckout({ paymentId: order.paymentId, providerReference })
    const told = stripe.events.at(-1)
    expect(told?.type).toBe('checkout.session.expired')
    expect(told && read(told)).toMatchObject({
      paymentId: order.paymentId,
      providerReference,
      report: { status: 'failed' },
    })
  })

  it('does nothing after the page ended by itself', async () => {
    const order = orderOf()
    const { providerReference } = await provider.createCheckout(order)
    stripe.passTime(2 * HOUR_MS)
    await provider.cancelCheckout({ paymentId: order.paymentId, providerReference })
  })
})

describe('a refund at Stripe', () => {
  it('names our refund and payment, under a key of its own', async () => {
    const { refund } = await paid()
    await provider.refund(refund)
    const { params, headers } = lastAsked('POST', /refunds$/)
    expect(Object.fromEntries(params)).toMatchObject({
      amount: '100',
      'metadata[refundId]': refund.refundId,
      'metadata[paymentId]': refund.paymentId,
    })
    expect(headers['idempotency-key']).toBe(`refund:${refund.refundId}`)
  })

  it('is not made twice when it is sent again after Stripe has forgotten the key', async () => {
    const { refund } = await paid()
    const first = await provider.refund(refund)
    stripe.passTime(3 * DAY_MS)
    const before = askedFor('POST', /refunds$/).length
    expect(await provider.refund(refund)).toEqual(first)
    expect(askedFor('POST', /refunds$/)).toHaveLength(before)
  })

  it('is not made twice when its answer was lost and Stripe has forgotten the key', async () => {
    const { refund } = await paid()
    stripe.fail('drop', 2, /POST .*refunds$/)
    await expect(provider.refund(refund)).rejects.toThrow(ProviderUnavailableError)
    stripe.passTime(3 * DAY_MS)
    await provider.refund(refund)
    // 2472 were taken: with a second refund of 100 there would be less left than this.
    await provider.refund({ ...refund, refundId: randomUUID(), amount: 2_372 })
  })

  it('is found among more refunds than one page has', async () => {
    const { refund } = await paid()
    const first = await provider.refund({ ...refund, amount: 1 })
    for (let n = 0; n < 11; n += 1) {
      const ten = Array.from({ length: 10 }, () => ({ ...refund, refundId: randomUUID(), amount: 1 }))
      await Promise.all(ten.map((one) => provider.refund(one)))
    }
    stripe.passTime(3 * DAY_MS)
    expect(await provider.refund({ ...refund, amount: 1 })).toEqual(first)
  })

  it('waits a day after a 500 that Stripe keeps for the key, rather than go back twice', async () => {
    const { refund } = await paid()
    stripe.fail('broken', 1, /POST .*refunds$/)
    await expect(provider.refund(refund)).rejects.toThrow(ProviderUnavailableError)
    await expect(provider.refund(refund)).rejects.toThrow(ProviderUnavailableError)
    stripe.passTime(DAY_MS)
    expect(await provider.refund(refund)).toMatchObject({ report: { status: 'completed' } })
  })

  it('is refused in another currency than was paid in', async () => {
    const { refund } = await paid()
    await expect(provider.refund({ ...refund, currency: 'USD' })).rejects.toThrow(ProviderRefusedError)
    expect(askedFor('POST', /refunds$/)).toEqual([])
  })

  it('finds its payment by the reference of a declined attempt too', async () => {
    const order = orderOf()
    const { providerReference } = await provider.createCheckout(order)
    const declined = stripe.buyer.isDeclined(providerReference).map(read).at(-1)
    stripe.buyer.pay(providerReference)
    expect(declined?.providerReference).toMatch(/^pi_/)
    const payment = { paymentId: order.paymentId, providerReference: declined?.providerReference ?? null }
    const receipt = await provider.refund({ ...payment, refundId: randomUUID(), amount: 5, currency: 'EUR' })
    expect(receipt.report).toEqual({ status: 'completed' })
  })

  it('that fails says why, when asked and by webhooks', async () => {
    const { refund } = await paid()
    const receipt = await provider.refund(refund)
    const report = { status: 'failed', reason: 'lost_or_stolen_card' }
    const events = stripe.failRefund(receipt.providerReference)
    expect(events.map(({ type }) => type)).toEqual(['charge.refund.updated', 'refund.updated', 'refund.failed'])
    for (const event of events) expect(read(event)).toMatchObject({ kind: 'refund', refundId: refund.refundId, report })
    expect(await provider.findRefund(receipt)).toEqual(report)
    expect(await provider.refund(refund)).toEqual({ ...receipt, report })
  })
})

describe('currencies', () => {
  it.each([
    ['EUR', 1_250, '1250'],
    ['JPY', 1_250, '1250'],
    ['ISK', 1_250, '125000'],
    ['KWD', 1_250, '1250'],
    ['MGA', 125_000, '1250'],
  ])('%s goes out as Stripe counts it and comes back as we do', async (currency, amount, atStripe) => {
    const { order, providerReference, refund } = await paid({ currency, amount })
    expect(lastCheckout().params.get('line_items[0][price_data][unit_amount]')).toBe(atStripe)
    const payment = { paymentId: order.paymentId, providerReference }
    expect(await provider.findPayment(payment)).toEqual({ status: 'completed', captured: { amount, currency } })
    await provider.refund({ ...refund, amount })
    expect(
      askedFor('POST', /refunds$/)
        .at(-1)
        ?.params.get('amount'),
    ).toBe(atStripe)
  })

  it('refuses what Stripe cannot take to the last digit, without asking Stripe', async () => {
    const before = stripe.requests.length
    for (const [currency, amount] of [
      ['KWD', 1_251],
      ['MGA', 125_050],
      ['CLF', 10_000],
    ] as const) {
      await expect(provider.createCheckout(orderOf({ currency, amount }))).rejects.toThrow(ProviderRefusedError)
    }
    expect(stripe.requests).toHaveLength(before)
  })
})

describe('when Stripe does not answer as it should', () => {
  it.each(['unavailable', 'rate limit', 'lock', 'conflict', 'drop'] as const)(
    'says that nothing is known of the outcome: %s',
    async (failure) => {
      stripe.fail(failure, 2)
      await expect(provider.createCheckout(orderOf())).rejects.toThrow(ProviderUnavailableError)
    },
  )

  it.each(['hang', 'stall'] as const)('waits no longer than agreed: %s', async (failure) => {
    const impatient = openProvider(stripe, { timeoutMs: 200 })
    stripe.fail(failure, 2)
    await expect(impatient.createCheckout(orderOf())).rejects.toThrow(ProviderUnavailableError)
  })

  it('says so when it is not there at all', async () => {
    const gone = await startStripeStandIn()
    const left = openProvider(gone)
    await gone.close()
    await expect(left.createCheckout(orderOf())).rejects.toThrow(ProviderUnavailableError)
  })

  it('tries once more by itself, and nothing is done twice', async () => {
    stripe.fail('drop')
    const order = orderOf()
    const checkout = await provider.createCheckout(order)
    expect(await provider.createCheckout(order)).toEqual(checkout)
  })

  it.each(['key', 'permission'] as const)('tells the operator what to mend, without the key: %s', async (failure) => {
    stripe.fail(failure)
    const refused = await provider.createCheckout(orderOf()).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(ProviderUnavailableError)
    expect(String(refused)).toContain('STRIPE_SECRET_KEY')
    // Stripe quotes the key with all but its ends starred out.
    expect(inspect(refused)).not.toContain('****')
  })

  it('knows nothing of what was asked with a wrong key, and gives nothing up', async () => {
    const wrong = openProvider(stripe, { secretKey: 'sk_test_wrong' })
    await expect(wrong.findPayment({ paymentId: newId(), providerReference: 'cs_test_1' })).rejects.toThrow(
      ProviderUnavailableError,
    )
  })

  it('gives its reason for a refusal, and the id to ask its support about', async () => {
    const expiresAt = new Date(Date.now() - HOUR_MS)
    const error = await provider.createCheckout(orderOf({ expiresAt })).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ProviderRefusedError)
    expect(String(error)).toMatch(/expires_at.*Stripe's request req_/)
  })
})

describe('webhooks that mean nothing to Boxoffice', () => {
  it('are those of other programs on the same account', async () => {
    const id = randomUUID()
    for (const metadata of [
      null,
      {},
      { paymentId: '42', bookingReference: 'X' },
      { paymentId: id },
      { refundId: id },
    ]) {
      const object = {
        id: 'cs_test_1',
        object: 'checkout.session',
        payment_status: 'paid',
        metadata,
        amount_total: null,
      }
      expect(read(stripe.event('checkout.session.completed', object))).toBeNull()
      expect(read(stripe.event('checkout.session.expired', object))).toBeNull()
      expect(read(stripe.event('payment_intent.payment_failed', { id: 'pi_1', metadata }))).toBeNull()
      expect(read(stripe.event('refund.updated', { id: 're_1', status: 'succeeded', metadata }))).toBeNull()
    }
  })

  it('are all other kinds, even about what is ours', async () => {
    const order = orderOf()
    const { providerReference } = await provider.createCheckout(order)
    const told = stripe.buyer.pay(providerReference)
    expect(told.map(({ type }) => type)).toEqual([
      'payment_intent.created',
      'payment_intent.succeeded',
      'charge.succeeded',
      'checkout.session.completed',
    ])
    expect(told.map(read).map((event) => event?.kind ?? null)).toEqual([null, null, null, 'payment'])
  })
})

describe('a webhook’s signature', () => {
  it('is accepted for five minutes', () => {
    const { body } = stripe.event('charge.succeeded', { id: 'ch_1' })
    const signedAgo = (ms: number) => stripe.sign(body, { at: new Date(Date.now() - ms) })
    expect(provider.readWebhook(body, signedAgo(295_000))).toBeNull()
    expect(() => provider.readWebhook(body, signedAgo(305_000))).toThrow('too long ago')
  })

  it('is on the bytes: invalid ones are not taken for the character that replaces them', () => {
    const { body } = stripe.event('charge.succeeded', { id: 'ch_\u{fffd}' })
    const headers = stripe.sign(body)
    expect(provider.readWebhook(body, headers)).toBeNull()
    const at = body.indexOf(Buffer.from('\u{fffd}'))
    const altered = Buffer.concat([body.subarray(0, at), Buffer.from([0xff]), body.subarray(at + 3)])
    expect(() => provider.readWebhook(altered, headers)).toThrow(WebhookRefusedError)
  })

  it('must be one', () => {
    const { body } = stripe.event('charge.succeeded', { id: 'ch_1' })
    const { 'stripe-signature': signature } = stripe.sign(body)
    expect(() => provider.readWebhook(body, { 'stripe-signature': [signature, signature] })).toThrow(
      WebhookRefusedError,
    )
  })

  it('that is refused says nothing of the body', async () => {
    const { body } = stripe.event('charge.succeeded', { id: 'ch_1', name: 'Ada' })
    const headers = stripe.sign(body, { secret: 'whsec_other' })
    const reading = Promise.resolve().then(() => provider.readWebhook(body, headers))
    const refused = await reading.catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(WebhookRefusedError)
    expect(inspect(refused)).not.toContain('Ada')
  })
})

test('every request names the pinned version of the API, which is the installed SDK’s', async () => {
  await provider.createCheckout(orderOf())
  expect(STRIPE_API_VERSION).toBe(loadStripe().API_VERSION)
  expect(new Set(stripe.requests.map(({ headers }) => headers['stripe-version']))).toEqual(
    new Set([STRIPE_API_VERSION]),
  )
})

test('a process that only imports the provider does not load the SDK', () => {
  const script = `
    import { registerHooks } from 'node:module'
    let loaded = 0
    registerHooks({
      load: (url, context, next) => {
        if (url.includes('/node_modules/stripe/')) loaded += 1
        return next(url, context)
      },
    })
    const { createStripeProvider } = await import('@boxoffice/core/payments/stripe/provider.ts')
    const before = loaded
    createStripeProvider({ secretKey: 'sk_test_1', webhookSecret: 'whsec_1', fallbackReturnUrl: () => '' })
    process.stdout.write(JSON.stringify({ before, after: loaded > 0 }))`
  const output = execFileSync('node', ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  expect(JSON.parse(output)).toEqual({ before: 0, after: true })
})
