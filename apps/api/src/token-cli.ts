import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { DEMO_ORGANIZER_ID } from '@boxoffice/core/demo/demo-organizer.ts'
import { loadJwtSecret } from '@boxoffice/core/settings/secrets.ts'
import { parseSettings } from '@boxoffice/core/settings/settings.ts'
import { roleSchema, signToken } from '@boxoffice/core/access/tokens.ts'

const USAGE =
  'Usage: npm run --silent token -- --role customer|staff|organizer|admin [--org ID] [--sub ID] [--ttl SECONDS]'

const DAY_S = 86_400
/** Ten years. */
const MAX_TTL_S = 3_650 * DAY_S

/** A mistake of the person at the keyboard; the message is all they need to read. */
class UsageError extends Error {}

const argumentsSchema = z.object({
  role: roleSchema,
  org: z.guid().optional(),
  sub: z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/)
    .optional(),
  ttl: z.coerce.number().int().min(1).max(MAX_TTL_S).default(DAY_S),
})

function readArguments(): z.infer<typeof argumentsSchema> {
  const text = { type: 'string' } as const
  let values: Record<string, string | undefined>
  try {
    values = parseArgs({ options: { role: text, org: text, sub: text, ttl: text }, allowPositionals: false }).values
  } catch (error) {
    // Node explains at length; its first sentence says what is wrong.
    const [first = ''] = error instanceof Error ? error.message.split(/\.\s/) : [String(error)]
    throw new UsageError(first)
  }
  if (values['role'] === undefined) throw new UsageError('--role is missing')
  const parsed = argumentsSchema.safeParse(values)
  if (parsed.success) return parsed.data
  const wanted: Record<string, string> = {
    role: 'must be customer, staff, organizer or admin',
    org: 'must be the UUID of an organizer',
    sub: 'must be 1 to 200 visible ASCII characters, without blanks',
    ttl: `must be a whole number of seconds from 1 to ${MAX_TTL_S}, which is ten years`,
  }
  const name = String(parsed.error.issues[0]?.path[0])
  throw new UsageError(`--${name} ${wanted[name] ?? 'is wrong'}`)
}

try {
  const { role, org, sub, ttl } = readArguments()
  const settings = parseSettings(process.env)
  const jwtSecret = await loadJwtSecret(settings, (path) => {
    process.stderr.write(`New secrets were made in ${path}: only a Boxoffice with that DATA_DIR takes this token.\n`)
  })
  if (jwtSecret === null) throw new UsageError('JWKS_URL is set, so only its issuer can make tokens')
  const actsForOrganizer = role === 'staff' || role === 'organizer'
  const token = await signToken(
    {
      subject: sub ?? `${role}:${randomUUID()}`,
      role,
      organizerId: org ?? (actsForOrganizer ? DEMO_ORGANIZER_ID : null),
      ttlSeconds: ttl,
    },
    jwtSecret,
    settings,
  )
  process.stdout.write(`${token}\n`)
} catch (error) {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(error instanceof UsageError ? `${message}. ${USAGE}\n` : `${message}\n`)
  process.exitCode = 1
}
