import { isIP } from 'node:net'
import { z } from 'zod'
import { MAX_BOOKING_PLACES } from '../domain/places.ts'
import { isSender } from './sender.ts'
import { parseRedisUrl } from './redis-url.ts'
import { parseTicketKeys } from './ticket-keys.ts'
import { MAX_LANES } from '../domain/lane.ts'
import { SHOWTIME_SELLS_AFTER_START_MS } from '../domain/sale-window.ts'
import { StartupError } from '../runtime/startup-error.ts'

const flag = z.enum(['on', 'off']).transform((value) => value === 'on')
const count = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`
  return z.coerce
    .number({ error })
    .refine((value) => Number.isSafeInteger(value) && value >= min && value <= max, { error })
}
const port = count(0, 65_535)

const url = (...protocols: string[]) =>
  z.string().refine(
    (text) => {
      try {
        return protocols.includes(new URL(text).protocol.slice(0, -1))
      } catch {
        return false
      }
    },
    { error: `must be a URL starting with ${protocols.map((protocol) => `${protocol}://`).join(' or ')}` },
  )

const SECRET_LENGTH = 32
const secret = z
  .string()
  .min(SECRET_LENGTH, { error: `is too short: it must have at least ${SECRET_LENGTH} characters` })

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)

/** Addresses and networks (CIDR), or the name `loopback`; `none` alone says that there are none. */
const addresses = list
  .transform((all) => (all.length === 1 && all[0] === 'none' ? [] : all))
  .refine((all) => all.every((one) => one === 'loopback' || isNetwork(one)), {
    error: 'must be addresses or networks such as 10.0.0.0/8, or loopback, separated by commas, or none',
  })
  .refine((all) => !all.some((one) => one.endsWith('/0')), {
    error: 'must not be the whole internet: everybody could then say which address is theirs',
  })

const origins = list.refine((all) => all.every((one) => one === '*' || isOrigin(one)), {
  error: 'must be origins such as https://shop.example, separated by commas, or *',
})

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}

function isOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text
}

const PAYMENT_PROVIDERS = ['sandbox', 'stripe'] as const

/** Makes the check run even if a setting is malformed, so that all mistakes are reported together. */
const ALWAYS = { when: () => true }

/** Settings of every process. docs/settings.md is generated from their descriptions, which are Markdown. */
export const settingsSchema = z
  .object({
    NODE_ENV: z
      .enum(['development', 'test', 'production'])
      .default('development')
      .describe(
        '`development`, `test` or `production`. Production requires secrets, and everything that has no safe default.',
      ),
    PORT: port.default(3000).describe('Port of the API; `0` takes a free one.'),
    HOST: z.string().min(1).default('127.0.0.1').describe('Address that the API listens on; `0.0.0.0` for all.'),
    DATABASE_URL: url('postgres', 'postgresql')
      .optional()
      .describe('PostgreSQL. If unset, `npm start` starts an embedded one.'),
    DATA_DIR: z
      .string()
      .min(1)
      .default('.data')
      .describe('Directory of the embedded PostgreSQL and of generated secrets.'),
    QUEUE_URL: z
      .string()
      .refine((text) => parseRedisUrl(text) !== null, {
        error:
          'must be redis://host:port, rediss://…, redis-cluster://host:port,host:port or redis-sentinel://host:port,host:port/master',
      })
      .optional()
      .describe('Redis for queues and signals ([forms](operations.md#redis)). If unset, PostgreSQL is used for both.'),
    QUEUE_NAMESPACE: z
      .string()
      .regex(/^[a-zA-Z0-9_-]{1,32}$/, { error: 'takes up to 32 letters, digits, _ and -' })
      .default('boxoffice')
      .describe('First part of every Redis key and channel.'),
    LANES: count(1, MAX_LANES)
      .default(8)
      .describe(
        `Queues over which showtimes and events are spread, 1 to ${MAX_LANES}. It may be changed at any time, and differ between processes.`,
      ),
    LINE_MAX_DEPTH: count(1, 10_000_000)
      .default(100_000)
      .describe('Undecided requests that the line of one showtime or event takes before it answers 503.'),
    LINES_MAX_DEPTH: count(1, 100_000_000)
      .default(1_000_000)
      .describe('Undecided requests in all lines, as far as an API process knows, before all of them answer 503.'),
    INTAKE_BUFFER: count(1, 100_000)
      .default(5_000)
      .describe('Requests that an API process buffers for one showtime or event before it answers 503.'),
    MAX_TICKETS_PER_BOOKING: count(1, MAX_BOOKING_PLACES)
      .default(200)
      .describe('Tickets and seats that a booking of a customer may have. `HOLDS_PER_CUSTOMER` limits it too.'),
    MAX_TICKETS_PER_SELLER_BOOKING: count(1, MAX_BOOKING_PLACES)
      .default(1_000)
      .describe("Tickets and seats that a booking of an organizer's people and API keys may have."),
    LIMITS: flag
      .default(true)
      .describe('`off` disables rate, hoarding and mail limits, for load tests. Production refuses it.'),
    JWT_SECRET: secret
      .optional()
      .describe(
        "HS256 secret of callers' tokens, at least 32 characters. If unset, one is created; not in production.",
      ),
    JWKS_URL: url('http', 'https')
      .optional()
      .describe("Key set of callers' tokens (RS256, ES256, EdDSA). It replaces `JWT_SECRET`."),
    JWT_AUDIENCE: z.string().min(1).default('boxoffice').describe("Required `aud` of callers' tokens."),
    JWT_ISSUER: z.string().min(1).optional().describe("Required `iss` of callers' tokens, if set."),
    GUEST_SECRET: secret
      .optional()
      .describe('HS256 secret of guest tokens, at least 32 characters. If unset, one is created; not in production.'),
    TICKET_KEYS: z
      .string()
      .refine((text) => parseTicketKeys(text) !== null, {
        error: 'must be keys of 32 bytes in base64url, separated by commas, each another one',
      })
      .optional()
      .describe(
        'Ed25519 keys of tickets, separated by commas: the first signs, all verify. If unset, one is created; not in production.',
      ),
    DATABASE_POOL: count(2, 100)
      .default(10)
      .describe('Connections of an API process for reads, as many for bookings; and of a worker besides deciding.'),
    PAYMENT_PROVIDER: z
      .enum(PAYMENT_PROVIDERS)
      .optional()
      .describe('Payment provider: `stripe`, or `sandbox` to play. Production requires it.'),
    STRIPE_SECRET_KEY: z
      .string()
      .min(1)
      .optional()
      .describe('API key of Stripe, `sk_…` or a restricted `rk_…`. Required with `stripe`.'),
    STRIPE_WEBHOOK_SECRET: z
      .string()
      .min(1)
      .optional()
      .describe("Signing secret of Stripe's webhooks, `whsec_…`. Required with `stripe`."),
    STRIPE_API_URL: url('http', 'https').optional().describe('Replacement for `https://api.stripe.com`, for tests.'),
    PUBLIC_URL: url('http', 'https')
      .refine((text) => !text.endsWith('/'), { error: 'must not end with a slash' })
      .optional()
      .describe(
        'Address where buyers reach the API, without a slash at the end. Production requires it with `stripe` or `SMTP_URL`.',
      ),
    SHOWTIME_SALES_END_MS: count(0, 86_400_000)
      .default(SHOWTIME_SELLS_AFTER_START_MS)
      .describe(
        'Milliseconds after its start for which a showtime without `salesEndAt` is sold to the public, though never after its end.',
      ),
    CLOSE_AFTER_MS: count(0, 30 * 86_400_000)
      .default(3_600_000)
      .describe('Milliseconds after the end of a show until its bookings become `completed` or `no_show`.'),
    REFUSED_REQUESTS_KEEP_MS: count(3_600_000, 366 * 86_400_000)
      .default(2 * 86_400_000)
      .describe(
        'Milliseconds after its decision that a refused booking request is kept, at least an hour. Its idempotency key is deleted with it.',
      ),
    TRUSTED_PROXIES: addresses
      .optional()
      .describe(
        'Proxies whose `X-Forwarded-For` is trusted: addresses, networks, `loopback`, or `none`. Production requires it.',
      ),
    CORS_ORIGINS: origins
      .default([])
      .describe('Origins whose pages may call the API, separated by commas; `*` for any.'),
    RATE_LIMIT_CALLER: count(1, 1_000_000).default(1_200).describe('Calls a minute of one token or API key.'),
    RATE_LIMIT_ADDRESS: count(1, 1_000_000).default(24_000).describe('Calls a minute from one address.'),
    GUEST_SESSIONS_PER_ADDRESS: count(1, 1_000_000)
      .default(1_000)
      .describe('Guest sessions in ten minutes from one address.'),
    STREAMS_PER_ADDRESS: count(1, 1_000_000)
      .default(1_000)
      .describe('Streams that one address may have open at an API process.'),
    CONNECTIONS_PER_ADDRESS: count(1, 20_000)
      .default(2_000)
      .describe('Connections that one address may have at an API process. `TRUSTED_PROXIES` may have any number.'),
    UNREAD_BYTES: count(1_048_576, 1_099_511_627_776)
      .default(268_435_456)
      .describe('Bytes of unread responses that an API process keeps. One address may have a ninth of them.'),
    BOOKING_REQUESTS_PER_CALLER: count(1, 1_000_000)
      .default(240)
      .describe('Booking requests a minute of one customer.'),
    BOOKING_REQUESTS_PER_ADDRESS: count(1, 1_000_000)
      .default(3_000)
      .describe('Booking requests a minute of all customers of one address.'),
    BOOKING_REQUESTS_PER_SELLER: count(1, 1_000_000)
      .default(1_200)
      .describe("Booking requests a minute of one of an organizer's people or API keys."),
    REFUSALS_PER_CALLER: count(1, 10_000_000)
      .default(600)
      .describe(
        'Points of refused booking requests in ten minutes of one customer. A refusal is 1 point, or 10 if it was foreseeable.',
      ),
    REFUSALS_PER_ADDRESS: count(1, 10_000_000)
      .default(6_000)
      .describe('Points of refused booking requests in ten minutes of all customers of one address.'),
    REFUSALS_PER_SELLER: count(1, 10_000_000)
      .default(20_000)
      .describe("Points of refused booking requests in ten minutes of one of an organizer's people or API keys."),
    HOLDS_PER_CUSTOMER: count(1, 100_000)
      .default(40)
      .describe('Unpaid places that one customer may hold, and one e-mail address from one network address.'),
    HOLDS_PER_ADDRESS: count(1, 1_000_000).default(1_000).describe('Unpaid places that may be held from one address.'),
    LAYOUT_VERSIONS: count(1, 10_000).default(50).describe('Versions of the seating that one auditorium may have.'),
    WEBHOOKS_TO_PRIVATE_ADDRESSES: flag
      .default(false)
      .describe('`on` allows webhooks to private addresses and over `http`, for tests and trials.'),
    SMTP_URL: url('smtp', 'smtps')
      .optional()
      .describe(
        'Mail server, `smtp://user:password@host:587` or `smtps://…`. If unset, mail is written to `DATA_DIR/mail`.',
      ),
    MAIL_FROM: z
      .string()
      .refine(isSender, {
        error:
          'must be an e-mail address such as tickets@example.com, or Tickets <tickets@example.com>; a name with : ; ( or ) needs double quotes',
      })
      .default('Boxoffice <tickets@localhost>')
      .describe('Sender of mail to buyers: an address, or `Name <address>`.'),
    MAILS_PER_RECIPIENT: count(1, 100_000)
      .default(10)
      .describe('Mails an hour to one address about free bookings, and ten times as many about paid ones. More wait.'),
    RECOVERIES_PER_RECIPIENT: count(1, 100_000)
      .default(5)
      .describe(
        'Links to bookings mailed to one address in 24 hours. For a paid booking only links to paid ones count.',
      ),
    MAILS_PER_RESOURCE: count(1, 1_000_000)
      .default(1_200)
      .describe('Mails a minute about one showtime or event. More wait.'),
    RECOVERY_URL: url('http', 'https')
      .optional()
      .describe('Page that links in recovery mails lead to; `?token=` is added. If unset, `/recover` of the API.'),
    METRICS_TOKEN: z
      .string()
      .min(16)
      .optional()
      .describe('Bearer token for `/metrics`, at least 16 characters. Production requires it, or `METRICS_PORT`.'),
    METRICS_PORT: port
      .optional()
      .describe(
        'Port of the API for metrics and probes alone, not to be published. If unset, `/metrics` is on `PORT`.',
      ),
    SHUTDOWN_DELAY_MS: count(0, 600_000)
      .default(0)
      .describe('Milliseconds that an API process goes on serving after it was asked to stop, while `/readyz` is 503.'),
    WARM_UP: flag
      .default(true)
      .describe(
        '`off` has processes be ready a second sooner, and slower in their first seconds: they then do no made-up work before.',
      ),
    WORKER_PORT: port.optional().describe('Port of a worker for probes and `/metrics`. If unset, it has none.'),
    OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https')
      .optional()
      .describe('Destination of traces (OTLP over HTTP). If unset, none are sent and nothing is loaded for them.'),
    OTEL_SERVICE_NAME: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the service in traces. If unset, `boxoffice-api` and `boxoffice-worker`.'),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
      .default('info')
      .describe('`fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`. `npm start` sets `warn`.'),
  })
  .superRefine((settings, context) => {
    if (settings.PAYMENT_PROVIDER === 'stripe') {
      for (const name of ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'] as const) {
        if (settings[name] !== undefined) continue
        context.addIssue({ code: 'custom', path: [name], message: 'is required with PAYMENT_PROVIDER=stripe' })
      }
    }
    if (settings.NODE_ENV !== 'production') return
    if (!settings.LIMITS) {
      context.addIssue({ code: 'custom', path: ['LIMITS'], message: 'must not be off in production' })
    }
    if (settings.JWT_SECRET === undefined && settings.JWKS_URL === undefined) {
      context.addIssue({ code: 'custom', path: ['JWT_SECRET'], message: 'or JWKS_URL is required in production' })
    }
    if (settings.GUEST_SECRET === undefined) {
      context.addIssue({ code: 'custom', path: ['GUEST_SECRET'], message: 'is required in production' })
    }
    if (settings.TICKET_KEYS === undefined) {
      context.addIssue({ code: 'custom', path: ['TICKET_KEYS'], message: 'is required in production' })
    }
    if (settings.METRICS_TOKEN === undefined && settings.METRICS_PORT === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['METRICS_TOKEN'],
        message: 'or METRICS_PORT is required in production',
      })
    }
    if (settings.TRUSTED_PROXIES === undefined) {
      const message = 'is required in production: the addresses of your proxies, or none'
      context.addIssue({ code: 'custom', path: ['TRUSTED_PROXIES'], message })
    }
    const linked = settings.PAYMENT_PROVIDER === 'stripe' || settings.SMTP_URL !== undefined
    if (linked && settings.PUBLIC_URL === undefined) {
      const message = 'is required in production with PAYMENT_PROVIDER=stripe or SMTP_URL: buyers are sent there'
      context.addIssue({ code: 'custom', path: ['PUBLIC_URL'], message })
    }
    if (settings.PAYMENT_PROVIDER === undefined) {
      const message = 'is required in production: stripe, or sandbox to play'
      context.addIssue({ code: 'custom', path: ['PAYMENT_PROVIDER'], message })
    }
  }, ALWAYS)

/**
 * Returns warnings about settings that are valid and rarely meant, one sentence each, to be logged at the start in
 * production.
 */
export function settingsWarnings(settings: Settings): readonly string[] {
  if (settings.NODE_ENV !== 'production') return []
  return [
    ...(settings.SMTP_URL === undefined ? ['SMTP_URL is not set: mail is written to DATA_DIR/mail, and not sent'] : []),
    ...(settings.WEBHOOKS_TO_PRIVATE_ADDRESSES
      ? ['WEBHOOKS_TO_PRIVATE_ADDRESSES is on: organizers can have requests sent into this network']
      : []),
  ]
}

/** The defaults that have to wait: before they are filled in, production must see whether someone chose. */
const completeSettings = settingsSchema.transform(
  ({ PAYMENT_PROVIDER = 'sandbox', TRUSTED_PROXIES = [], ...settings }) => ({
    ...settings,
    PAYMENT_PROVIDER,
    TRUSTED_PROXIES,
  }),
)

export type Settings = z.infer<typeof completeSettings>

/** Returns the sentence that follows a setting's name, if the schema itself has none. */
const settingSentence: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_value':
      return `must be ${new Intl.ListFormat('en', { type: 'disjunction' }).format(issue.values.map(String))}`
    case 'too_small':
      return `must have at least ${issue.minimum} ${Number(issue.minimum) === 1 ? 'character' : 'characters'}`
    case 'too_big':
      return `must have at most ${issue.maximum} characters`
    default:
      return 'is not as it should be'
  }
}

/** Parses the environment. An empty variable counts as unset. Throws `StartupError` with all problems at once. */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  // Its name up to 0.2, when a line was a lane.
  present['LINE_MAX_DEPTH'] ??= present['LANE_MAX_DEPTH']
  const result = completeSettings.safeParse(present, { error: settingSentence })
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
  throw new StartupError(`These settings need mending:\n${problems.join('\n')}`)
}
