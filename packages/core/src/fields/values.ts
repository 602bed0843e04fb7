import { z } from 'zod'
import { MAX_PRICE } from '../domain/money/money.ts'
import { cleanCode, cleanText, holdsHidden } from '../domain/plain-text.ts'

/*
 * The values that fields are made of. What a client sends is normalised here (ids in lower case, times as `Date`); what is
 * answered is described as it is on the wire.
 */

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isId = (text: string) => UUID.test(text)

/** An id that a client sends. */
export const idInput = z
  .string()
  .regex(UUID, { error: 'Must be a UUID' })
  .transform((id) => id.toLowerCase())
  .meta({ override: { type: 'string', format: 'uuid' }, example: '01890000-0000-7000-8000-000000000001' })

/** An id that is answered. */
export const id = z.guid().meta({ example: '01890000-0000-7000-8000-000000000001' })

/** Returns the sentence about a value of a wrong form; one that is missing is only missing. */
const unlessMissing =
  (sentence: string) =>
  ({ input }: { readonly input?: unknown }): string =>
    input === undefined ? 'Required' : sentence

const asInstant = { override: { type: 'string', format: 'date-time' }, example: '2026-11-22T18:00:00Z' }

/** A time that a client asks by: RFC 3339 with any offset. */
export const instantInput = z.iso
  .datetime({ offset: true, error: unlessMissing('Must be a time such as 2026-11-22T18:00:00Z') })
  .transform((text) => new Date(text))
  .meta(asInstant)

/** Returns the schema of a time in these years, both included. */
const inYears = (first: number, last: number) =>
  instantInput
    .refine((time) => time.getUTCFullYear() >= first && time.getUTCFullYear() <= last, {
      error: `Must be in the years ${first} to ${last}`,
    })
    .meta(asInstant)

/** A time that is stored: drivers write years of four digits, and PostgreSQL knows no year 0. */
export const storedInstantInput = inYears(1, 9_999)

/** Years in which something can start: lists are read by microseconds, which are safe integers until 2255. */
const FIRST_YEAR = 1970
const LAST_YEAR = 2200

/** A time at which something starts. */
export const startInput = inYears(FIRST_YEAR, LAST_YEAR)

/** Returns the schema of a day of the calendar, for whose times the same years count. */
export const dayInput = (example: string) =>
  z.iso
    .date({ error: unlessMissing(`Must be a day such as ${example}`), abort: true })
    // A day more at both ends is in the same years everywhere.
    .refine((day) => day > `${FIRST_YEAR}-01-01` && day < `${LAST_YEAR}-12-31`, {
      error: `Must be in the years ${FIRST_YEAR} to ${LAST_YEAR}`,
    })

/** A time that is answered: RFC 3339 in UTC. */
export const instant = z.iso.datetime().meta({ example: '2026-11-22T18:00:00.000Z' })

/** Integer minor units of a currency: 1200 is 12.00 EUR. */
export const amount = z.int().min(0).meta({ example: 1200 })

/** The price of one seat or ticket. */
export const priceInput = z.int().min(0).max(MAX_PRICE).meta({ example: 1200 })

export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'Must be an ISO 4217 code such as EUR' })
  .meta({ example: 'EUR' })

/** Text is cleaned only if it has at most so many times the characters that are kept. */
const RAW_TIMES = 4

/**
 * Returns a schema of what `clean` makes of text. The bounds are those of the clean text: what a device adds takes nothing
 * from what a person may type.
 */
const cleaned = (clean: (text: string) => string, max: number) => {
  const tooLong = `Must have at most ${max} characters`
  return z
    .string()
    .max(RAW_TIMES * max, { error: tooLong, abort: true })
    .transform((text, context) => {
      const kept = clean(text)
      const wrong = kept === '' ? 'Must not be blank' : kept.length > max ? tooLong : null
      if (wrong === null) return kept
      context.issues.push({ code: 'custom', input: text, message: wrong })
      return z.NEVER
    })
    .meta({ override: { type: 'string', minLength: 1, maxLength: max } })
}

/**
 * Returns a schema of one line that a buyer types: a name, a seat. It is taken as devices send it, and kept as `cleanText`
 * makes it.
 */
export const typedLine = (max: number) => cleaned(cleanText, max)

/** Returns a schema of a line of which full-width letters and digits are kept as plain ones (NFKC): a telephone number. */
export const typedNumber = (max: number) => cleaned((text) => cleanText(text.normalize('NFKC')), max)

/** Returns a schema of a code that is typed, pasted or scanned, kept as `cleanCode` makes it. */
export const typedCode = (max: number) => cleaned(cleanCode, max)

/**
 * Returns a schema of text that an organizer publishes: no control or invisible characters, because it goes into mails and onto
 * tickets, and no lone surrogates. Reports only the first of several mistakes: the others mostly follow from it.
 */
export const textLine = (max: number) =>
  z
    .string()
    .max(max, { error: `Must have at most ${max} characters`, abort: true })
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'Must not contain control characters', abort: true })
    .regex(/\S/, { error: 'Must not be blank', abort: true })
    .refine((text) => !holdsHidden(text), {
      error: 'Must not contain invisible characters or characters that reverse text',
    })

/**
 * Returns a schema of longer text, which may be empty and have several lines. PostgreSQL stores neither U+0000 nor lone
 * surrogates.
 */
export const longText = (max: number) =>
  z
    .string()
    .max(max, { error: `Must have at most ${max} characters` })
    .refine((text) => text.isWellFormed() && !text.includes('\0'), {
      error: 'Must not contain U+0000 or an unpaired surrogate',
    })
