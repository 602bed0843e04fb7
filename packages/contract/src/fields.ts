import { z } from 'zod'
import { OUTGOING_EVENT_FAMILIES } from '@boxoffice/core/domain/outgoing-events.ts'
import { MAX_PRICE } from '@boxoffice/core/domain/money.ts'
import { holdsHidden } from '@boxoffice/core/domain/plain-text.ts'

/*
 * The parts that requests and answers are made of. What a client sends is normalised here (ids in lower case, times as
 * `Date`); what is answered is described as it is on the wire.
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

/** A time that a client sends: RFC 3339 with any offset. */
export const instantInput = z.iso
  .datetime({ offset: true, error: 'Must be a time such as 2026-11-22T18:00:00Z' })
  .transform((text) => new Date(text))
  .meta({ override: { type: 'string', format: 'date-time' }, example: '2026-11-22T18:00:00Z' })

/** A time that is answered: RFC 3339 in UTC. */
export const instant = z.iso.datetime().meta({ example: '2026-11-22T18:00:00.000Z' })

/** Integer minor units of a currency: 1200 is 12.00 EUR. */
export const amount = z.int().min(0).meta({ example: 1200 })

/** Price of one seat or ticket. */
export const priceInput = z.int().min(0).max(MAX_PRICE).meta({ example: 1200 })

export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, { error: 'Must be an ISO 4217 code such as EUR' })
  .meta({ example: 'EUR' })

export const reference = z
  .string()
  .regex(/^[A-HJKMNP-Z2-9]{8}$/)
  .meta({ example: 'K7QXM2PA' })

/**
 * Declares one line of text that a person typed: without control or invisible characters, because it goes into mails
 * and onto tickets, and without lone surrogates. Only the first of several mistakes is reported: the others mostly
 * follow from it.
 */
export const textLine = (max: number) =>
  z
    .string()
    .max(max, { error: `Must have at most ${max} characters`, abort: true })
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, { error: 'Must not hold control characters', abort: true })
    .regex(/\S/, { error: 'Must not be blank', abort: true })
    .refine((text) => !holdsHidden(text), { error: 'Must not hold invisible characters or such that turn text around' })

/** Reason of a change; kept in the audit. */
export const reasonText = textLine(500).meta({ example: 'The projector broke' })

/** Declares a longer text, which may be empty and have several lines. */
export const longText = (max: number) =>
  z
    .string()
    .max(max, { error: `Must have at most ${max} characters` })
    .refine((text) => text.isWellFormed() && !text.includes('\0'), {
      error: 'Must not hold U+0000 or half a character',
    })

const FAMILIES: ReadonlySet<string> = new Set(OUTGOING_EVENT_FAMILIES)

/**
 * A type of outgoing events, or a family of them: for webhooks and the feed alike. Types may become more, but whoever waits
 * for a family that there is not gets nothing, and does not know why.
 */
export const outgoingEventFilter = z
  .string()
  .regex(/^[a-z][a-z_]{0,49}\.(?:\*|[a-z][a-z_]{0,49})$/, {
    error: 'Must be a type such as booking.confirmed, or booking.*',
  })
  .refine((filter) => FAMILIES.has(filter.split('.', 1).join('')), {
    error: `Must be of one of the families ${OUTGOING_EVENT_FAMILIES.join(', ')}`,
  })
  .meta({ example: 'booking.*' })

const ROWS = /^(?:[1-9]\d?|100)$/

/** `limit` and `cursor` of every list. */
export const page = {
  limit: z
    .string()
    .regex(ROWS, { error: 'Must be a whole number from 1 to 100' })
    .transform(Number)
    .default(20)
    .meta({ override: { type: 'integer', minimum: 1, maximum: 100, default: 20 } }),
  /** `nextCursor` of the page before. */
  cursor: z.string().min(1).max(300).optional(),
}

/** Declares the answer of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    items: z.array(item),
    nextCursor: z.string().nullable().meta({ description: 'For the next page; null on the last one' }),
  })

/** Parameters of paths. What is of the wrong form does not exist: 404. */
export const byId = z.strictObject({ id: idInput })

export const byReference = z.strictObject({
  reference: z
    .string()
    .transform((text) => text.toUpperCase())
    .pipe(z.string().regex(/^[A-HJKMNP-Z2-9]{8}$/))
    .meta({ override: { type: 'string', pattern: '^[A-HJKMNP-Z2-9]{8}$' }, example: 'K7QXM2PA' }),
})
