import { z } from 'zod'
import { normalizePromoCode } from '../domain/promo-code.ts'
import { CURRENCY, FLAG, INSTANT, orNull, whole, windowRule } from './kinds.ts'
import { type Broken, defaulted, fixed, optional, required, type Row } from './field.ts'
import { MAX_NAME_LENGTH } from '../domain/plain-text.ts'
import { id, idInput, textLine } from './values.ts'

// ASCII only, so that PostgreSQL's upper() agrees with JavaScript's in every locale.
const CODE = /^[A-Z0-9][A-Z0-9_-]{0,39}$/

const MAX_RESOURCES = 1_000

/** Most showtimes and events that all codes of a batch name together: each is a row. */
const MAX_BOUND = 100_000

/** Most bytes of ticket types, categories and rates that all codes of a batch name together: each code has its own. */
const MAX_LIST_BYTES = 50_000_000

/** Most ticket types, categories and rates that a code names, each. */
const MAX_SCOPE = 100

/** Declares a list of one item at least, or `null`: an empty one would be for everything, the opposite of what it says. */
const listOf = <Taken extends z.ZodType, Shown extends z.ZodType>(taken: Taken, shown: Shown, max: number) => ({
  taken: z.array(taken).min(1).max(max).nullable(),
  shown: z.array(shown).nullable(),
})

const LIMIT = 'null: no limit'

export const PROMO_CODE = {
  code: fixed(
    required(
      {
        taken: z.string().max(60).meta({
          description: '1 to 40 letters, digits, hyphens and underscores, in any case',
          example: 'EARLY20',
        }),
        shown: z.string(),
        rule: (code: string) =>
          CODE.test(normalizePromoCode(code)) ? null : 'Must have 1 to 40 letters, digits, hyphens and underscores',
      },
      { example: 'EARLY20' },
    ),
  ),
  kind: fixed(
    required({ taken: z.enum(['percent', 'fixed']), shown: z.enum(['percent', 'fixed']) }, { example: 'percent' }),
  ),
  value: required(
    { taken: z.int().min(0), shown: z.int() },
    {
      example: 2000,
      description:
        'Basis points of `percent` (2000 is 20 %), minor units of `fixed`; 0 for a `percent` that only opens ticket types',
    },
  ),
  currency: fixed(
    optional(
      { ...CURRENCY, shown: CURRENCY.shown.nullable() },
      { example: null, description: 'Currency of a `fixed` code; `percent` has none' },
    ),
  ),
  active: defaulted(FLAG, true, { example: true }),
  startsAt: defaulted(orNull(INSTANT), null, { example: null }),
  endsAt: defaulted(orNull(INSTANT), null, { example: '2026-12-01T00:00:00.000Z' }),
  maxRedemptions: defaulted(orNull(whole(0)), null, { example: 500, description: 'Total limit; null: none' }),
  maxPerCustomer: defaulted(orNull(whole(1)), null, { example: 1, description: 'null: no limit' }),
  maxTickets: defaulted(orNull(whole(0)), null, {
    example: 100,
    description: `Places of all bookings that it is for; ${LIMIT}`,
  }),
  maxTicketsPerBooking: defaulted(orNull(whole(1)), null, {
    example: 4,
    description: `Places of one booking that it is for; more are refused; ${LIMIT}`,
  }),
  resourceIds: defaulted(listOf(idInput, id, MAX_RESOURCES), null, {
    example: null,
    description: 'Showtimes and events that it is limited to; null: all of the organizer',
  }),
  ticketTypeIds: defaulted(listOf(idInput, id, MAX_SCOPE), null, {
    example: null,
    description: 'Ticket types that it discounts; null: all, or none where it has `categories` or `rates`',
  }),
  categories: defaulted(listOf(textLine(MAX_NAME_LENGTH), z.string(), MAX_SCOPE), null, {
    example: null,
    description:
      'Names of the seat categories that it discounts; null: all, or no places where it has `ticketTypeIds` alone',
  }),
  rates: defaulted(listOf(textLine(40), z.string(), MAX_SCOPE), null, {
    example: null,
    description: 'Codes of the rates that it discounts; null: all, or no places where it has `ticketTypeIds` alone',
  }),
  opensTicketTypeIds: defaulted(listOf(idInput, id, MAX_SCOPE), null, {
    example: null,
    description: 'Hidden ticket types that it opens; null: none',
  }),
}

const { code: _, ...terms } = PROMO_CODE

/** All fields of a promo code but the code: what every code of a batch has. */
export const PROMO_CODE_TERMS = terms

/** Most codes of one batch. */
const MAX_PROMO_CODES = 100_000

/** A code that is drawn has as many random characters at least: one of 31^8. */
const MIN_DRAWN = 8

const MAX_LENGTH = 40

export const PROMO_CODE_BATCH = {
  count: required(whole(1, MAX_PROMO_CODES), { example: 500, description: 'Number of codes' }),
  prefix: defaulted(
    {
      taken: z.string().max(MAX_LENGTH - MIN_DRAWN),
      shown: z.string(),
      rule: (prefix: string) =>
        prefix === '' || CODE.test(normalizePromoCode(prefix))
          ? null
          : 'Must have letters, digits, hyphens and underscores',
    },
    '',
    { example: 'EARLY-', description: 'Beginning of every code' },
  ),
  length: defaulted(whole(MIN_DRAWN, MAX_LENGTH), MIN_DRAWN, {
    example: 8,
    description: 'Random letters and digits after the prefix; a code has at most 40 characters in all',
  }),
  ...PROMO_CODE_TERMS,
}

/** A batch, as it is sent. */
type Batch = Partial<Row<typeof PROMO_CODE_BATCH>>

export function* promoCodeBatchRules(batch: Batch): Iterable<Broken> {
  const { count = 0, prefix = '', length = MIN_DRAWN, resourceIds } = batch
  if (prefix.trim().length + length > MAX_LENGTH) {
    yield { path: ['length'], message: `Must be at most ${MAX_LENGTH - prefix.trim().length} with this prefix` }
  }
  if (count * (resourceIds?.length ?? 0) > MAX_BOUND) {
    yield {
      path: ['resourceIds'],
      message: `Must have at most ${Math.floor(MAX_BOUND / count)} items for ${count} codes`,
    }
  }
  const { ticketTypeIds, categories, rates, opensTicketTypeIds } = batch
  const bytes = Buffer.byteLength(JSON.stringify([ticketTypeIds, categories, rates, opensTicketTypeIds]))
  if (count * bytes > MAX_LIST_BYTES) {
    yield {
      path: ['count'],
      message: `Must be at most ${Math.floor(MAX_LIST_BYTES / bytes)} with lists as long as these`,
    }
  }
  yield* promoCodeRules(batch)
}

/** A promo code with `null` for no currency, as it is stored, or `undefined`, as it is sent. */
type PromoCode = Partial<Omit<Row<typeof PROMO_CODE>, 'currency'>> & { readonly currency?: string | null | undefined }

export function* promoCodeRules(code: PromoCode): Iterable<Broken> {
  const { kind, value = 0, currency = null, opensTicketTypeIds = null } = code
  if (value === 0 && kind === 'fixed') yield { path: ['value'], message: 'Must be at least 1' }
  if (value === 0 && kind === 'percent' && opensTicketTypeIds === null) {
    yield { path: ['value'], message: 'Must be at least 1, unless the code opens ticket types' }
  }
  if (kind === 'percent' && value > 10_000) yield { path: ['value'], message: 'Must be at most 10000' }
  if (kind === 'percent' && currency !== null) yield { path: ['currency'], message: 'A percentage has no currency' }
  if (kind === 'fixed' && currency === null) yield { path: ['currency'], message: 'A fixed amount needs its currency' }
  yield* windowRule('startsAt', 'endsAt', code)
}
