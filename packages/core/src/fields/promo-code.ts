import { z } from 'zod'
import { normalizePromoCode } from '../domain/promo-code.ts'
import { CURRENCY, FLAG, INSTANT, orNull, whole, windowRule } from './kinds.ts'
import { type Broken, defaulted, fixed, optional, required, type Row } from './field.ts'
import { id, idInput } from './values.ts'

// ASCII only, so that PostgreSQL's upper() agrees with JavaScript's in every locale.
const CODE = /^[A-Z0-9][A-Z0-9_-]{0,39}$/

const MAX_RESOURCES = 1_000

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
    { taken: z.int().min(1), shown: z.int() },
    { example: 2000, description: 'Basis points of `percent` (2000 is 20 %), minor units of `fixed`' },
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
  // Without any it would be valid everywhere, the opposite of what an empty list says.
  resourceIds: defaulted(
    { taken: z.array(idInput).min(1).max(MAX_RESOURCES).nullable(), shown: z.array(id).nullable() },
    null,
    { example: null, description: 'Showtimes and events that it is limited to; null: all of the organizer' },
  ),
}

/** A promo code with `null` for no currency, as it is stored, or `undefined`, as it is sent. */
type PromoCode = Partial<Omit<Row<typeof PROMO_CODE>, 'currency'>> & { readonly currency?: string | null | undefined }

export function* promoCodeRules(code: PromoCode): Iterable<Broken> {
  const { kind, value = 0, currency = null } = code
  if (kind === 'percent' && value > 10_000) yield { path: ['value'], message: 'Must be at most 10000' }
  if (kind === 'percent' && currency !== null) yield { path: ['currency'], message: 'A percentage has no currency' }
  if (kind === 'fixed' && currency === null) yield { path: ['currency'], message: 'A fixed amount needs its currency' }
  yield* windowRule('startsAt', 'endsAt', code)
}
