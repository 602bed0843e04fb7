import type Stripe from 'stripe'
import { ProviderUnavailableError, type PaymentAtProvider } from '../provider.ts'
import { isMissing } from './errors.ts'
import { paymentIdOf } from './metadata.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

/** Our clock and Stripe's may differ by so much. */
const CLOCK_SKEW_MS = 5 * MINUTE_MS
/** A checkout is made at once, or tried again until its hold ends. */
const MADE_WITHIN_MS = 60 * MINUTE_MS
const PAGE = 100
const SESSIONS_LOOKED_AT = 50 * PAGE

type Session = Stripe.Checkout.Session

/**
 * Returns the session of a payment, with its payment intent; `null` if Stripe has none.
 *
 * Without a reference, because the answer that had it was lost, it searches Stripe's list of sessions for our id.
 * Sessions cannot be searched by metadata; payment intents can (https://docs.stripe.com/search), but that lags behind,
 * most of all when Stripe is in trouble, and knows nothing before the buyer has tried to pay. The time in a UUIDv7 says
 * where to search, so that it usually takes a page or two.
 *
 * @throws ProviderUnavailableError when there are too many sessions to look through. That is not `null`: a session that
 *   nobody found may have been paid.
 */
export async function findSession(stripe: Stripe, payment: PaymentAtProvider): Promise<Session | null> {
  const { paymentId, providerReference } = payment
  if (providerReference === null) return await lookThrough(stripe, paymentId)
  // The reference from a `payment_intent.…` event, which has no other.
  if (providerReference.startsWith('pi_')) return await findByIntent(stripe, providerReference)
  try {
    return await stripe.checkout.sessions.retrieve(providerReference, { expand: ['payment_intent'] })
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function findByIntent(stripe: Stripe, intentId: string): Promise<Session | null> {
  const expand = ['data.payment_intent']
  const { data } = await stripe.checkout.sessions.list({ payment_intent: intentId, limit: 1, expand })
  return data[0] ?? null
}

async function lookThrough(stripe: Stripe, paymentId: string): Promise<Session | null> {
  const madeAt = timeOf(paymentId)
  const created =
    madeAt === null
      ? { gte: seconds(Date.now() - DAY_MS - CLOCK_SKEW_MS) }
      : { gte: seconds(madeAt - CLOCK_SKEW_MS), lte: seconds(madeAt + MADE_WITHIN_MS + CLOCK_SKEW_MS) }
  let seen = 0
  const sessions = stripe.checkout.sessions.list({ created, limit: PAGE, expand: ['data.payment_intent'] })
  for await (const session of sessions) {
    if (paymentIdOf(session.metadata) === paymentId) return session
    seen += 1
    if (seen >= SESSIONS_LOOKED_AT) {
      throw new ProviderUnavailableError(`Stripe has more checkouts of that time than the ${seen} looked through.`)
    }
  }
  return null
}

/** Milliseconds since 1970 in a UUIDv7 (RFC 9562, section 5.7); `null` for another kind. */
function timeOf(id: string): number | null {
  const digits = id.replaceAll('-', '')
  return digits[12] === '7' ? Number.parseInt(digits.slice(0, 12), 16) : null
}

const seconds = (ms: number) => Math.floor(ms / 1_000)
