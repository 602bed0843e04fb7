import { z } from 'zod'
import { parseRedisUrl } from './queue/redis-url.ts'

const flag = z.enum(['on', 'off']).transform((value) => value === 'on')
const port = z.coerce.number().int().min(0).max(65_535)
const count = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

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
    JWT_SECRET: z.string().min(32).optional().describe("HS256 secret of callers' tokens (at least 32 characters)."),
    JWKS_URL: url('http', 'https').optional().describe("Key set of callers' tokens; takes the place of JWT_SECRET."),
    JWT_AUDIENCE: z.string().min(1).default('boxoffice').describe("Required `aud` of callers' tokens."),
    JWT_ISSUER: z.string().min(1).optional().describe("Required `iss` of callers' tokens, where set."),
    GUEST_SECRET: z.string().min(32).optional().describe('HS256 secret of guest tokens (at least 32 characters).'),
    DATABASE_POOL: count(2, 100)
      .default(10)
      .describe('Connections a process keeps for everything but intake and deciding.'),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  })
  .superRefine((settings, context) => {
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
  })

export type Settings = z.infer<typeof settingsSchema>

/** Thrown for settings a person must mend before a process can start; the message names every problem at once. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/** Parses the environment. An empty variable counts as unset. Throws `SettingsError` with all problems at once. */
export function parseSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const result = settingsSchema.safeParse(present)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
  throw new SettingsError(`These settings need mending:\n${problems.join('\n')}`)
}
