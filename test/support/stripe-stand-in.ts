import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { loadStripe, STRIPE_API_VERSION } from '@boxoffice/core/payments/stripe/sdk.ts'
import { listenOnLoopback } from './loopback-server.ts'

/**
 * Plays the part of Stripe's API that Boxoffice uses, as https://docs.stripe.com/api describes it, on a loopback port.
 * It has a clock of its own, so that a day may pass in a test.
 */
export interface StripeStandIn {
  readonly url: string
  readonly secretKey: string
  readonly webhookSecret: string
  /** The requests, oldest first. */
  readonly requests: readonly AskedOfStripe[]
  /** The events that Stripe would have sent to a webhook endpoint, oldest first. */
  readonly events: readonly StripeEvent[]
  /** Makes the next `times` requests whose method and path match fail in this way. */
  fail(failure: StripeFailure, times?: number, matching?: RegExp): void
  passTime(ms: number): void
  /** Makes refunds `pending` from now on, until `settleRefund` or `failRefund`. */
  delayRefunds(): void
  readonly buyer: StripeBuyer
  settleRefund(refundId: string): readonly StripeEvent[]
  failRefund(refundId: string): readonly StripeEvent[]
  /** Returns an event about any object, as a webhook endpoint gets it. */
  event(type: string, object: object): StripeEvent
  sign(body: Buffer, signing?: { readonly at?: Date; readonly secret?: string }): { 'stripe-signature': string }
  /** Returns an object as it stands, which a test may change. */
  session(id: string): StripeSession
  close(): Promise<void>
}

/** The actions of a buyer on the page of a session; each returns the events that follow. */
export interface StripeBuyer {
  pay(sessionId: string): readonly StripeEvent[]
  /** Pays in a way that takes days, for example by a bank transfer. */
  payLater(sessionId: string): readonly StripeEvent[]
  moneyArrives(sessionId: string): readonly StripeEvent[]
  moneyFails(sessionId: string): readonly StripeEvent[]
  isDeclined(sessionId: string): readonly StripeEvent[]
}

export interface AskedOfStripe {
  readonly method: string
  readonly path: string
  readonly params: URLSearchParams
  readonly headers: IncomingMessage['headers']
}

export interface StripeEvent {
  readonly id: string
  readonly type: string
  readonly body: Buffer
}

/**
 * `drop` does the work and then breaks the connection, `broken` fails inside the work, so that the 500 is kept for the
 * key; `stall` sends the head of an answer and no more. The others do not touch anything.
 */
export type StripeFailure =
  | 'drop'
  | 'broken'
  | 'hang'
  | 'stall'
  | 'unavailable'
  | 'rate limit'
  | 'lock'
  | 'conflict'
  | 'key'
  | 'permission'
  | 'busy page'

export interface StripeSession {
  readonly id: string
  readonly object: 'checkout.session'
  readonly url: string
  readonly created: number
  readonly expires_at: number
  readonly amount_total: number
  readonly currency: string
  readonly metadata: Readonly<Record<string, string>>
  readonly intent_metadata: Readonly<Record<string, string>>
  status: 'open' | 'complete' | 'expired'
  payment_status: 'unpaid' | 'paid'
  payment_intent: string | null
}

interface Intent {
  readonly id: string
  readonly object: 'payment_intent'
  readonly amount: number
  readonly currency: string
  readonly metadata: Readonly<Record<string, string>>
  status: 'requires_payment_method' | 'processing' | 'succeeded' | 'canceled'
  last_payment_error: { code: string; decline_code?: string; message: string; type: string } | null
}

interface Refund {
  readonly id: string
  readonly object: 'refund'
  readonly amount: number
  readonly currency: string
  readonly payment_intent: string
  readonly metadata: Readonly<Record<string, string>>
  readonly created: number
  status: 'pending' | 'succeeded' | 'failed'
  failure_reason?: string
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

/** An answer that is not kept for the idempotency key, because nothing was begun. */
class Rejected extends Error {
  readonly answer: Answer

  constructor(status: number, message: string, details: Readonly<Record<string, string>> = {}) {
    super(message)
    this.answer = { status, body: { error: { type: 'invalid_request_error', message, ...details } } }
  }
}

const DAY_MS = 86_400_000

export async function startStripeStandIn(): Promise<StripeStandIn> {
  const secretKey = `sk_test_${randomBytes(12).toString('hex')}`
  const webhookSecret = `whsec_${randomBytes(16).toString('hex')}`
  const sessions = new Map<string, StripeSession>()
  const intents = new Map<string, Intent>()
  const refunds = new Map<string, Refund>()
  const answered = new Map<string, { readonly request: string; readonly answer: Answer; readonly at: number }>()
  const requests: AskedOfStripe[] = []
  const events: StripeEvent[] = []
  const failures: { failure: StripeFailure; times: number; matching: RegExp }[] = []
  let elapsedMs = 0
  let refundStatus: Refund['status'] = 'succeeded'
  let lastId = 0

  const nowMs = () => Date.now() + elapsedMs
  const now = () => Math.floor(nowMs() / 1_000)
  const newId = (prefix: string) => `${prefix}_${(lastId += 1)}${randomBytes(8).toString('hex')}`

  const event = (type: string, object: object): StripeEvent => {
    const id = newId('evt')
    const envelope = { id, object: 'event', api_version: STRIPE_API_VERSION, created: now(), type }
    const body = { ...envelope, livemode: false, pending_webhooks: 1, data: { object } }
    const made = { id, type, body: Buffer.from(JSON.stringify(body, null, 2)) }
    events.push(made)
    return made
  }

  const sessionOf = (id: string): StripeSession => {
    const session = sessions.get(id)
    if (session === undefined) {
      throw new Rejected(404, `No such checkout.session: ${id}`, { code: 'resource_missing', param: 'session' })
    }
    if (session.status === 'open' && now() >= session.expires_at) session.status = 'expired'
    return session
  }
  const intentOf = (id: string): Intent => {
    const intent = intents.get(id)
    if (intent === undefined) throw new Rejected(404, `No such payment_intent: '${id}'`, { code: 'resource_missing' })
    return intent
  }
  const refundOf = (id: string): Refund => {
    const refund = refunds.get(id)
    if (refund === undefined) throw new Rejected(404, `No such refund: '${id}'`, { code: 'resource_missing' })
    return refund
  }

  const shown = (session: StripeSession, expand: readonly string[]) => {
    const { intent_metadata: _, url, payment_intent: intentId, ...rest } = sessionOf(session.id)
    const expanded = intentId !== null && expand.some((path) => path.endsWith('payment_intent'))
    return {
      ...rest,
      url: session.status === 'open' ? url : null,
      payment_intent: expanded ? intentOf(intentId) : intentId,
    }
  }

  const createSession = (params: URLSearchParams): unknown => {
    const needed = (name: string) => {
      const value = params.get(name)
      if (value === null || value === '') throw new Rejected(400, `Missing required param: ${name}.`, { param: name })
      return value
    }
    const currency = needed('line_items[0][price_data][currency]')
    const amount = Number(needed('line_items[0][price_data][unit_amount]'))
    needed('line_items[0][price_data][product_data][name]')
    if (!/^[a-z]{3}$/.test(currency)) throw new Rejected(400, `Invalid currency: ${currency}.`)
    if (!Number.isSafeInteger(amount) || amount < 1) throw new Rejected(400, `Invalid integer: ${amount}`)
    if (needed('mode') !== 'payment') throw new Rejected(400, 'Only payments are played here.')
    const expiresAt = Number(params.get('expires_at') ?? now() + DAY_MS / 1_000)
    if (expiresAt < now() + 1_800 || expiresAt > now() + DAY_MS / 1_000) {
      const message =
        'The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.'
      throw new Rejected(400, message, { param: 'expires_at' })
    }
    const id = newId('cs_test')
    needed('success_url')
    const session: StripeSession = {
      id,
      object: 'checkout.session',
      url: `https://checkout.stripe.com/c/pay/${id}`,
      created: now(),
      expires_at: expiresAt,
      amount_total: amount,
      currency,
      metadata: metadataIn(params, 'metadata'),
      intent_metadata: metadataIn(params, 'payment_intent_data[metadata]'),
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
    }
    sessions.set(id, session)
    return shown(session, [])
  }

  const expireSession = (id: string): unknown => {
    const session = sessionOf(id)
    if (session.status !== 'open') {
      throw new Rejected(400, `Only Checkout Sessions with a status in ["open"] can be expired, not ${session.status}.`)
    }
    session.status = 'expired'
    if (session.payment_intent !== null) intentOf(session.payment_intent).status = 'canceled'
    event('checkout.session.expired', shown(session, []))
    return shown(session, [])
  }

  const createRefund = (params: URLSearchParams): unknown => {
    const intent = intentOf(params.get('payment_intent') ?? '')
    if (intent.status !== 'succeeded') {
      throw new Rejected(400, `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`)
    }
    const amount = Number(params.get('amount') ?? intent.amount)
    if (!Number.isSafeInteger(amount) || amount < 1) throw new Rejected(400, `Invalid integer: ${amount}`)
    const made = [...refunds.values()].filter((one) => one.payment_intent === intent.id && one.status !== 'failed')
    const left = intent.amount - made.reduce((sum, one) => sum + one.amount, 0)
    if (left === 0)
      throw new Rejected(400, 'The charge has already been refunded.', { code: 'charge_already_refunded' })
    if (amount > left) throw new Rejected(400, `Refund amount (${amount}) is greater than unrefunded amount (${left})`)
    const refund: Refund = {
      id: newId('re'),
      object: 'refund',
      amount,
      currency: intent.currency,
      payment_intent: intent.id,
      metadata: metadataIn(params, 'metadata'),
      created: now(),
      status: refundStatus,
    }
    refunds.set(refund.id, refund)
    event('refund.created', refund)
    event('charge.refunded', { id: 'ch_1', object: 'charge', metadata: intent.metadata })
    return { ...refund }
  }

  const work = ({ method, path, params }: AskedOfStripe): unknown => {
    const expand = [...params].filter(([name]) => name.startsWith('expand[')).map(([, value]) => value)
    const [kind = '', id, action] = path.replace('/v1/', '').replace('checkout/sessions', 'sessions').split('/')
    switch (`${method} ${kind}${id === undefined ? '' : '/id'}${action === undefined ? '' : `/${action}`}`) {
      case 'POST sessions':
        return createSession(params)
      case 'GET sessions':
        return page(
          [...sessions.values()].filter(
            ({ payment_intent, created }) =>
              payment_intent === (params.get('payment_intent') ?? payment_intent) &&
              created >= Number(params.get('created[gte]') ?? 0) &&
              created <= Number(params.get('created[lte]') ?? Infinity),
          ),
          path,
          params,
          (session) => shown(session, expand),
        )
      case 'GET sessions/id':
        return shown(sessionOf(id ?? ''), expand)
      case 'POST sessions/id/expire':
        return expireSession(id ?? '')
      case 'GET payment_intents/id':
        return intentOf(id ?? '')
      case 'POST refunds':
        return createRefund(params)
      case 'GET refunds':
        return page(
          [...refunds.values()].filter((refund) => refund.payment_intent === params.get('payment_intent')),
          path,
          params,
          (refund) => ({ ...refund }),
        )
      case 'GET refunds/id':
        return { ...refundOf(id ?? '') }
      default:
        throw new Rejected(404, `Unrecognized request URL (${method}: ${path}).`)
    }
  }

  /** Does the work once for a key: https://docs.stripe.com/api/idempotent_requests. */
  const once24h = (asked: AskedOfStripe, failure: StripeFailure | undefined): Answer => {
    const key = asked.method === 'POST' ? asked.headers['idempotency-key'] : undefined
    const before = typeof key === 'string' ? answered.get(key) : undefined
    const request = `${asked.path}?${asked.params.toString()}`
    if (before !== undefined && nowMs() - before.at < DAY_MS) {
      if (before.request === request) return before.answer
      const message = `Keys for idempotent requests can only be used with the same parameters (${String(key)}).`
      throw new Rejected(400, message, { type: 'idempotency_error' })
    }
    const answer =
      failure === 'broken'
        ? { status: 500, body: { error: { type: 'api_error', message: 'An unknown error occurred.' } } }
        : { status: 200, body: work(asked) }
    if (typeof key === 'string') answered.set(key, { request, answer, at: nowMs() })
    return answer
  }

  const answer = (asked: AskedOfStripe, failure: StripeFailure | undefined): Answer => {
    if (asked.headers.authorization !== `Bearer ${secretKey}` || failure === 'key') {
      return new Rejected(401, `Invalid API Key provided: sk_test_****${secretKey.slice(-4)}`).answer
    }
    try {
      switch (failure) {
        case 'unavailable':
          return { status: 503, body: { error: { type: 'api_error', message: 'Stripe is down for a moment.' } } }
        case 'rate limit':
          throw new Rejected(429, 'Request rate limit exceeded.', { code: 'rate_limit' })
        case 'lock':
          throw new Rejected(429, 'This object cannot be accessed right now.', { code: 'lock_timeout' })
        case 'conflict':
          throw new Rejected(409, 'There is another request in progress with this key.', {
            type: 'idempotency_error',
            code: 'idempotency_key_in_use',
          })
        case 'permission':
          throw new Rejected(403, `The provided key 'rk_test_****${secretKey.slice(-4)}' does not have access.`)
        case 'busy page':
          throw new Rejected(400, 'This Checkout Session is being paid right now.')
        default:
          return once24h(asked, failure)
      }
    } catch (error) {
      if (error instanceof Rejected) return error.answer
      throw error
    }
  }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://stripe')
    const params = new URLSearchParams(request.method === 'POST' ? await text(request) : search)
    const asked = { method: request.method ?? 'GET', path: pathname, params, headers: request.headers }
    requests.push(asked)
    const failing = failures.find((one) => one.times > 0 && one.matching.test(`${asked.method} ${asked.path}`))
    if (failing !== undefined) failing.times -= 1
    const failure = failing?.failure
    if (failure === 'hang') return
    const { status, body } = answer(asked, failure)
    if (failure === 'drop') {
      request.socket.destroy()
      return
    }
    response.writeHead(status, {
      'content-type': 'application/json',
      'request-id': newId('req'),
      'stripe-version': String(request.headers['stripe-version']),
    })
    if (failure === 'stall') {
      response.write('{')
      return
    }
    response.end(JSON.stringify(body))
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy())
  })
  const { url, close } = await listenOnLoopback(server)

  /** Attempts to pay. The first attempt creates the intent. */
  const attempt = (sessionId: string, status: Intent['status'], error: Intent['last_payment_error']) => {
    const session = sessionOf(sessionId)
    if (session.status !== 'open') throw new Error(`nobody can pay a session that is ${session.status}`)
    session.payment_intent ??= newId('pi')
    const { amount_total: amount, currency, intent_metadata: metadata, payment_intent: id } = session
    const intent: Intent = {
      id,
      object: 'payment_intent',
      amount,
      currency,
      metadata,
      status,
      last_payment_error: error,
    }
    intents.set(id, intent)
    return { session, intent }
  }
  const later = (sessionId: string) => {
    const session = sessionOf(sessionId)
    const intent = intentOf(session.payment_intent ?? '')
    if (intent.status !== 'processing') throw new Error(`no money is on its way: ${intent.status}`)
    return { session, intent }
  }

  const buyer: StripeBuyer = {
    pay: (sessionId) => {
      const { session, intent } = attempt(sessionId, 'succeeded', null)
      Object.assign(session, { status: 'complete', payment_status: 'paid' })
      return [
        event('payment_intent.created', intent),
        event('payment_intent.succeeded', intent),
        event('charge.succeeded', { id: newId('ch'), object: 'charge', metadata: intent.metadata }),
        event('checkout.session.completed', shown(session, [])),
      ]
    },
    payLater: (sessionId) => {
      const { session, intent } = attempt(sessionId, 'processing', null)
      session.status = 'complete'
      return [event('payment_intent.processing', intent), event('checkout.session.completed', shown(session, []))]
    },
    moneyArrives: (sessionId) => {
      const { session, intent } = later(sessionId)
      intent.status = 'succeeded'
      session.payment_status = 'paid'
      return [
        event('payment_intent.succeeded', intent),
        event('checkout.session.async_payment_succeeded', shown(session, [])),
      ]
    },
    moneyFails: (sessionId) => {
      const { session, intent } = later(sessionId)
      intent.status = 'requires_payment_method'
      intent.last_payment_error = { code: 'debit_not_authorized', message: 'The bank said no.', type: 'card_error' }
      return [
        event('payment_intent.payment_failed', intent),
        event('checkout.session.async_payment_failed', shown(session, [])),
      ]
    },
    isDeclined: (sessionId) => {
      const { intent } = attempt(sessionId, 'requires_payment_method', {
        code: 'card_declined',
        decline_code: 'insufficient_funds',
        message: 'Your card has insufficient funds.',
        type: 'card_error',
      })
      return [event('payment_intent.created', intent), event('payment_intent.payment_failed', intent)]
    },
  }

  const endRefund = (refundId: string, ending: Pick<Refund, 'status' | 'failure_reason'>) => {
    const refund = Object.assign(refundOf(refundId), ending)
    const types = ['charge.refund.updated', 'refund.updated', ...(ending.status === 'failed' ? ['refund.failed'] : [])]
    return types.map((type) => event(type, refund))
  }

  return {
    url,
    secretKey,
    webhookSecret,
    requests,
    events,
    buyer,
    event,
    session: sessionOf,
    fail: (failure, times = 1, matching = /./) => {
      failures.push({ failure, times, matching })
    },
    passTime: (ms) => {
      elapsedMs += ms
    },
    delayRefunds: () => {
      refundStatus = 'pending'
    },
    settleRefund: (refundId) => endRefund(refundId, { status: 'succeeded' }),
    failRefund: (refundId) => endRefund(refundId, { status: 'failed', failure_reason: 'lost_or_stolen_card' }),
    sign: (body, { at = new Date(), secret = webhookSecret } = {}) => ({
      'stripe-signature': loadStripe().webhooks.generateTestHeaderString({
        payload: body.toString('utf8'),
        secret,
        timestamp: Math.floor(at.getTime() / 1_000),
      }),
    }),
    close,
  }
}

/** Reads `metadata[a]=b` and so on, as the SDK encodes nested parameters. */
function metadataIn(params: URLSearchParams, prefix: string): Record<string, string> {
  const entries = [...params].filter(([name]) => name.startsWith(`${prefix}[`))
  return Object.fromEntries(entries.map(([name, value]) => [name.slice(prefix.length + 1, -1), value]))
}

/** Returns one page of a list, newest first. */
function page<T extends { readonly id: string }>(
  oldestFirst: readonly T[],
  url: string,
  params: URLSearchParams,
  show: (item: T) => unknown,
) {
  const items = oldestFirst.toReversed()
  const after = params.get('starting_after')
  const start = after === null ? 0 : items.findIndex(({ id }) => id === after) + 1
  const end = start + Number(params.get('limit') ?? 10)
  return { object: 'list', url, has_more: end < items.length, data: items.slice(start, end).map(show) }
}
