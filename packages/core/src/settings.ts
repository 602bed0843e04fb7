import { isIP } from 'node:net'
import { z } from 'zod'
import { isSender } from './mail/sender.ts'
import { parseRedisUrl } from './queue/redis-url.ts'
import { parseTicketKeys } from './tickets/ticket-keys.ts'

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

/** Addresses and networks (CIDR), or the name `loopback`. */
const addresses = list
  .refine((all) => all.every((one) => one === 'loopback' || isNetwork(one)), {
    error: 'must be addresses or networks such as 10.0.0.0/8, or loopback, separated by commas',
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

/** Every setting of every process. The README lists them; a test fails where the two disagree. */
export const settingsSchema = z
  .object({
    NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
    PORT: port.default(3000).describe('Port of the API; 0 takes a free one.'),
    HOST: z.string().min(1).default('127.0.0.1').describe('Address the API listens on.'),
    DATABASE_URL: url('postgres', 'postgresql').optional().describe('PostgreSQL; unset starts an embedded one.'),
    DATA_DIR: z.string().min(1).default('.data').describe('Where the embedded PostgreSQL keeps its data.'),
    QUEUE_URL: z
      .string()
      .refine((text) => parseRedisUrl(text) !== null, {
        error:
          'must be redis://host:port, rediss://…, redis-cluster://host:port,host:port or redis-sentinel://host:port,host:port/master',
      })
      .optional()
      .describe('Redis for queues and signals; unset uses PostgreSQL for both.'),
    QUEUE_NAMESPACE: z
      .string()
      .regex(/^[a-zA-Z0-9_-]{1,32}$/, { error: 'takes up to 32 letters, digits, _ and -' })
      .default('boxoffice')
      .describe('First part of every Redis key and channel.'),
    LANES: count(1, 64).default(8).describe('Number of lanes; existing resources keep theirs.'),
    LANE_MAX_DEPTH: count(1, 10_000_000)
      .default(100_000)
      .describe('Undecided requests a lane takes before it answers 503.'),
    INTAKE_BUFFER: count(1, 100_000)
      .default(5_000)
      .describe('Requests an API process buffers per lane before it answers 503.'),
    LIMITS: flag
      .default(true)
      .describe('`off` turns rate and hoarding limits off for load tests; refused in production.'),
    JWT_SECRET: secret.optional().describe("HS256 secret of callers' tokens (at least 32 characters)."),
    JWKS_URL: url('http', 'https').optional().describe("Key set of callers' tokens; takes the place of JWT_SECRET."),
    JWT_AUDIENCE: z.string().min(1).default('boxoffice').describe("Required `aud` of callers' tokens."),
    JWT_ISSUER: z.string().min(1).optional().describe("Required `iss` of callers' tokens, where set."),
    GUEST_SECRET: secret.optional().describe('HS256 secret of guest tokens (at least 32 characters).'),
    TICKET_KEYS: z
      .string()
      .refine((text) => parseTicketKeys(text) !== null, {
        error: 'must be keys of 32 bytes in base64url, separated by commas, each another one',
      })
      .optional()
      .describe('Ed25519 keys of tickets, separated by commas: the first signs, all verify.'),
    DATABASE_POOL: count(2, 100)
      .default(10)
      .describe('Connections a process keeps for everything but intake and deciding.'),
    PAYMENT_PROVIDER: z
      .enum(PAYMENT_PROVIDERS)
      .optional()
      .describe('Who takes the money: `stripe`, or `sandbox` to play; production has to say which.'),
    STRIPE_SECRET_KEY: z.string().min(1).optional().describe('API key of Stripe, sk_… or rk_….'),
    STRIPE_WEBHOOK_SECRET: z.string().min(1).optional().describe('Signing secret of the webhooks, whsec_….'),
    STRIPE_API_URL: url('http', 'https').optional().describe('A stand-in for https://api.stripe.com.'),
    PUBLIC_URL: url('http', 'https')
      .refine((text) => !text.endsWith('/'), { error: 'must not end with a slash' })
      .optional()
      .describe('Address under which buyers reach the API; unset takes HOST and PORT.'),
    CLOSE_AFTER_MS: count(0, 30 * 86_400_000)
      .default(3_600_000)
      .describe('How long after the end of a show its bookings become completed or no_show.'),
    TRUSTED_PROXIES: addresses
      .default([])
      .describe('Proxies whose X-Forwarded-For counts: addresses, networks, `loopback`.'),
    CORS_ORIGINS: origins
      .default([])
      .describe('Origins whose pages may call the API, separated by commas; `*` is any.'),
    RATE_LIMIT_CALLER: count(1, 1_000_000).default(1_200).describe('Calls a minute of one token or API key.'),
    RATE_LIMIT_ADDRESS: count(1, 1_000_000).default(6_000).describe('Calls a minute from one address.'),
    GUEST_SESSIONS_PER_ADDRESS: count(1, 1_000_000).default(60).describe('Guest sessions a minute from one address.'),
    STREAMS_PER_ADDRESS: count(1, 1_000_000)
      .default(1_000)
      .describe('Streams that one address may have open at an API process.'),
    HOLDS_PER_CUSTOMER: count(1, 100_000)
      .default(40)
      .describe('Places one customer or e-mail address may hold unpaid.'),
    HOLDS_PER_ADDRESS: count(1, 1_000_000).default(200).describe('Places that may be held unpaid from one address.'),
    LAYOUT_VERSIONS: count(1, 10_000).default(50).describe('Versions of the seating that one auditorium may have.'),
    WEBHOOKS_TO_PRIVATE_ADDRESSES: flag
      .default(false)
      .describe('`on` lets webhooks go to private addresses and over http; for tests and trials.'),
    SMTP_URL: url('smtp', 'smtps')
      .optional()
      .describe('Mail server, smtp://user:password@host:port; unset writes mail to DATA_DIR/mail.'),
    MAIL_FROM: z
      .string()
      .refine(isSender, {
        error:
          'must be an e-mail address such as tickets@example.com, or Tickets <tickets@example.com>; a name with : ; ( or ) needs double quotes',
      })
      .default('Boxoffice <tickets@localhost>')
      .describe('Sender of mail to buyers: an e-mail address, or `Name <address>`.'),
    RECOVERY_URL: url('http', 'https')
      .optional()
      .describe('Page that mailed links lead to, with `?token=`; unset takes our own.'),
    METRICS_TOKEN: z.string().min(16).optional().describe('Bearer token for /metrics; unset leaves it open.'),
    WORKER_PORT: port.optional().describe('Port of the worker for probes and metrics; unset has none.'),
    OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https')
      .optional()
      .describe('Where traces are sent to (OTLP); unset sends none.'),
    OTEL_SERVICE_NAME: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the service in traces; boxoffice-api and boxoffice-worker unless set.'),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
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
    if (settings.PAYMENT_PROVIDER === undefined) {
      const message = 'is required in production: stripe, or sandbox to play'
      context.addIssue({ code: 'custom', path: ['PAYMENT_PROVIDER'], message })
    }
  })

/** What may be meant and mostly is not: one sentence each, to be logged at the start of a process in production. */
export function settingsWarnings(settings: Settings): readonly string[] {
  if (settings.NODE_ENV !== 'production') return []
  return [
    ...(settings.METRICS_TOKEN === undefined ? ['METRICS_TOKEN is not set: /metrics is open to everybody'] : []),
    ...(settings.SMTP_URL === undefined ? ['SMTP_URL is not set: mail is written to DATA_DIR/mail, and not sent'] : []),
    ...(settings.WEBHOOKS_TO_PRIVATE_ADDRESSES
      ? ['WEBHOOKS_TO_PRIVATE_ADDRESSES is on: organizers can have requests sent into this network']
      : []),
  ]
}

/** The default that has to wait: before it is filled in, production must see whether someone chose. */
const completeSettings = settingsSchema.transform(({ PAYMENT_PROVIDER = 'sandbox', ...settings }) => ({
  ...settings,
  PAYMENT_PROVIDER,
}))

export type Settings = z.infer<typeof completeSettings>

/** What is wrong, to follow the setting's name, where the schema itself does not say. */
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

/** Thrown for settings a person must mend before a process can start; the message names every problem at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/** Parses the environment. An empty variable counts as unset. Throws `SettingsError` with all problems at once. */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const result = completeSettings.safeParse(present, { error: settingSentence })
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
  throw new SettingsError(`These settings need mending:\n${problems.join('\n')}`)
}
