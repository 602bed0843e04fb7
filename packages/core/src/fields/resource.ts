import { z } from 'zod'
import { DEFAULT_REFUND_POLICY } from '../domain/money/refund-policy.ts'
import { INSTANT, MAX_INTEGER, orNull, whole, windowRule } from './kinds.ts'
import { type Changes, filled, fixed, optional } from './field.ts'
import { textLine } from './values.ts'

/* What showtimes and events have in common. */

const DAY_MS = 86_400_000
const MAX_HOLD_TTL_MS = DAY_MS
const MAX_CHECK_IN_OPENS_MS = 14 * DAY_MS
const MAX_NOTICE_MS = 1_000 * DAY_MS
const MAX_TIERS = 10

const tier = z.strictObject({
  noticeMs: z.int().min(0).max(MAX_NOTICE_MS).meta({ description: 'Minimum time before the start' }),
  basisPoints: z.int().min(0).max(10_000).meta({ description: 'Share of the amount without the fee: 10000 is all' }),
})

const refundPolicy = z
  .strictObject({
    tiers: z.array(tier).max(MAX_TIERS),
    refundsFee: z.boolean().meta({ description: 'Whether the fee is refunded in the same proportion' }),
  })
  .meta({
    id: 'RefundPolicy',
    description: 'Refund for a buyer who cancels: the tier with the longest notice that was kept applies',
    example: { tiers: [{ noticeMs: DAY_MS, basisPoints: 10_000 }], refundsFee: false },
  })

const MAX_RATES = 20

/** Code of a rate, as requests name it. */
const rateCode = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/, {
    error: 'Must begin with a small letter, and have 1 to 40 small letters, digits, hyphens and underscores',
  })
  .meta({ example: 'child' })

const rate = z
  .strictObject({
    code: rateCode,
    name: textLine(200).meta({ example: 'Child' }),
    needs: rateCode
      .optional()
      .meta({ description: 'A rate of which the same booking must have at least one place', example: 'adult' }),
    maxPerBooking: z.int().min(1).max(1_000).optional(),
  })
  .meta({ id: 'Rate' })

const rates = z.array(rate).max(MAX_RATES).meta({
  description: 'Sorts of visitors with prices of their own; the first is the default. None: one price for all',
})

const EXAMPLE_RATES = [
  { code: 'adult', name: 'Adult' },
  { code: 'child', name: 'Child', needs: 'adult' },
]

function wrongRates(list: readonly z.output<typeof rate>[]): string | null {
  const codes = new Set(list.map(({ code }) => code))
  if (codes.size < list.length) return 'Must not have two rates with one code'
  const lost = list.find(({ code, needs }) => needs !== undefined && (needs === code || !codes.has(needs)))
  return lost === undefined ? null : `The rate ${lost.code} must need another rate of the list`
}

const singleSeats = z.enum(['allow', 'refuse'])

const WITHOUT_FEE = { ...DEFAULT_REFUND_POLICY, tiers: [...DEFAULT_REFUND_POLICY.tiers] }

/** The terms on which a showtime or an event is sold. */
export const TERMS = {
  holdTtlMs: filled(whole(1, MAX_HOLD_TTL_MS), 600_000, {
    example: 600_000,
    description: 'Time that an unpaid booking keeps its places',
    standard: '10 minutes',
  }),
  refundPolicy: filled({ taken: refundPolicy, shown: refundPolicy }, WITHOUT_FEE, { example: WITHOUT_FEE }),
  checkInOpensMs: filled(whole(0, MAX_CHECK_IN_OPENS_MS), DAY_MS, {
    example: DAY_MS,
    description: 'Time before the start from which tickets are admitted',
    standard: 'a day',
  }),
  rates: filled({ taken: rates, shown: rates, rule: wrongRates }, [], { example: EXAMPLE_RATES }),
  singleSeats: filled({ taken: singleSeats, shown: singleSeats }, 'allow', {
    example: 'allow',
    description: '`refuse`: the public may not leave one free seat between taken ones, unless nothing else is left',
    standard: 'allow',
  }),
  salesStartAt: filled(orNull(INSTANT), null, {
    example: null,
    description: 'The public may book from then on; null: as soon as it is on sale',
  }),
  salesEndAt: filled(orNull(INSTANT), null, {
    example: null,
    description:
      'The public may book until then, but never after the end; null: until the end of an event, and until 15 minutes after the start of a showtime (a setting)',
  }),
}

export const termsRules = (terms: Pick<Changes<typeof TERMS>, 'salesStartAt' | 'salesEndAt'>) =>
  windowRule('salesStartAt', 'salesEndAt', terms)

export const LANE = {
  lane: fixed(
    optional(
      {
        taken: z.int().min(0).max(MAX_INTEGER).meta({
          description: 'For admins: the queue of its jobs; chosen by its id by default',
        }),
        shown: z.int().meta({ description: 'Queue of its jobs' }),
      },
      { example: 3 },
    ),
  ),
}

type StatusOf<Name extends string> = z.ZodEnum<z.core.util.ToEnum<Name>>

/** Declares the status of a sale: a draft or on sale at first. Cancelling is a change. */
export function saleStatus<const OnSale extends 'active' | 'published'>(onSale: OnSale) {
  const first: StatusOf<'draft' | OnSale> = z.enum(['draft', onSale])
  const shown: StatusOf<'draft' | OnSale | 'cancelled'> = z.enum(['draft', onSale, 'cancelled'])
  return {
    create: first.default('draft' as z.core.util.NoUndefined<z.output<typeof first>>),
    change: shown.optional(),
    shown,
    isFixed: false,
    fallback: 'draft',
    example: 'draft',
    rule: undefined,
  } as const
}
