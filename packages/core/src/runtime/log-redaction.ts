/**
 * Keeps personal data and secrets out of logs, however deeply they are nested: by the name of the field, and in a text
 * by its form, because texts of others (a driver, a provider) quote what they were given.
 */

const CENSORED = '[redacted]'

/** Names in lower case, without punctuation. */
const SECRET_FIELDS = new Set([
  'customer',
  'customerkeys',
  'payload',
  'body',
  'email',
  'emailaddress',
  'phone',
  'to',
  'envelope',
  'recipient',
  'password',
  'pass',
  'secret',
  'previoussecret',
  'token',
  'apikey',
  'authorization',
  'cookie',
  'setcookie',
  'params',
  'parameters',
])

/** Positions in a line are called so too. */
const HARMLESS_IF_NUMBER = new Set(['to'])

/** Repetitions are bounded, so that no text takes much longer than its length says. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  // user:password@ of a URL: of any length, for it ends at the next slash, which every start needs
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@]*@/gi, `$1${CENSORED}@`],
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]+/gi, `$1 ${CENSORED}`],
  // JSON Web Tokens, our tickets and API keys, secrets of webhooks and of Stripe
  [/\beyJ[\w-]{1,2000}(?:\.[\w-]{1,6000}){1,4}/g, CENSORED],
  [/\bbo_[A-Z0-9]{10}_[\w-]+/g, CENSORED],
  [/\b(?:whsec|sk|rk)_[\w+/=-]+/g, CENSORED],
  [/[^\s@<>"'(),:;=]{1,128}@[^\s@<>"'(),:;=]{1,255}\.[a-z]{2,63}/gi, CENSORED],
  // Drizzle's errors end with what was to be written.
  [/(\bparams: )[^]*?(?=\n {4}at |$)/g, `$1${CENSORED}`],
]

/** Longest text that is logged. A longer one is cut off: it is no message, and searching it would take long. */
const MAX_TEXT_LENGTH = 16_000

/** Deepest nesting that is logged. Nothing of ours is deeper. */
const MAX_DEPTH = 8

/** Returns a redacted copy of a log record's fields. Errors are left as they are: they have a serializer. */
export function redacted(fields: object): Record<string, unknown> {
  return redactedFields(fields, 0)
}

function redactedText(text: string): string {
  const cut = text.length > MAX_TEXT_LENGTH
  // Half a secret at the cut would not be known by its form, so the word that was cut through goes with it.
  const kept = cut ? text.slice(0, MAX_TEXT_LENGTH).replace(/\S{0,200}$/, '') : text
  const result = SECRET_TEXTS.reduce((each, [pattern, replacement]) => each.replaceAll(pattern, replacement), kept)
  return cut ? `${result}… [cut off]` : result
}

/** Returns a redacted copy of one value. */
export function redactedValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactedText(value)
  if (typeof value !== 'object' || value === null || value instanceof Error || value instanceof Date) return value
  if (depth >= MAX_DEPTH || ArrayBuffer.isView(value)) return CENSORED
  if (Array.isArray(value)) return value.map((each) => redactedValue(each, depth + 1))
  return redactedFields(value, depth)
}

function redactedFields(fields: object, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isSecret(name, value) ? CENSORED : redactedValue(value, depth + 1),
    ]),
  )
}

function isSecret(name: string, value: unknown): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z]/g, '')
  if (value === undefined || value === null) return false
  return SECRET_FIELDS.has(plain) && !(typeof value === 'number' && HARMLESS_IF_NUMBER.has(plain))
}
