import { createRequire } from 'node:module'
import type Stripe from 'stripe'

/**
 * The version of Stripe's API that this was written against; webhook endpoints are to be made with the same one. The
 * type is the version of the installed SDK: an SDK with another one does not compile until somebody has read what
 * changed.
 */
export const STRIPE_API_VERSION: Stripe.LatestApiVersion = '2026-10-28.endive'

const load = createRequire(import.meta.url)

/**
 * Loads Stripe's SDK on first use: it takes a quarter of a second and 25 MB (0.1 s and 10 MB less as CommonJS than as
 * ES modules; Node 24.21, stripe 23.1), which processes that play with the sandbox should not pay for.
 */
export function loadStripe(): typeof Stripe {
  return load('stripe') as typeof Stripe
}

export interface StripeClientOptions {
  readonly secretKey: string
  /** Address of Stripe; `https://api.stripe.com` by default. */
  readonly apiUrl?: string | undefined
  /** Time that one attempt may be silent. */
  readonly timeoutMs: number
}

/**
 * Connects to Stripe. One retry by the SDK covers a connection that had gone stale; the caller retries with more
 * patience.
 */
export function connectStripe({ secretKey, apiUrl, timeoutMs }: StripeClientOptions): Stripe {
  const Client = loadStripe()
  return new Client(secretKey, {
    apiVersion: STRIPE_API_VERSION,
    timeout: timeoutMs,
    maxNetworkRetries: 1,
    telemetry: false,
    appInfo: { name: 'boxoffice' },
    ...(apiUrl === undefined ? {} : addressOf(new URL(apiUrl))),
  })
}

function addressOf(url: URL) {
  const protocol = url.protocol === 'http:' ? ('http' as const) : ('https' as const)
  return { protocol, host: url.hostname, port: url.port === '' ? (protocol === 'http' ? 80 : 443) : Number(url.port) }
}
