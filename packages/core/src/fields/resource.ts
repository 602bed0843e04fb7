import { z } from 'zod'
import { DEFAULT_REFUND_POLICY } from '../domain/refund-policy.ts'
import { MAX_INTEGER, whole } from './kinds.ts'
import { filled, fixed, optional } from './field.ts'

/* What showtimes and events have in common. */

const DAY_MS = 86_400_000
const MAX_HOLD_TTL_MS = DAY_MS
const MAX_CHECK_IN_OPENS_MS = 14 * DAY_MS
const MAX_NOTICE_MS = 1_000 * DAY_MS
const MAX_TIERS = 10

const tier = z.strictObject({
  noticeMs: z.int().min(0).max(MAX_NOTICE_MS).meta({ description: 'Cancelled at least this long before the start' }),
  basisPoints: z.int().min(0).max(10_000).meta({ description: 'Of the amount without the fee: 10000 is all' }),
})

const refundPolicy = z
  .strictObject({
    tiers: z.array(tier).max(MAX_TIERS),
    refundsFee: z.boolean().meta({ description: 'Whether the fee comes back in the same proportion' }),
  })
  .meta({
    id: 'RefundPolicy',
    description: 'What a buyer gets back who cancels: the tier with the longest notice that is kept applies',
    example: { tiers: [{ noticeMs: DAY_MS, basisPoints: 10_000 }], refundsFee: false },
  })

const WITHOUT_FEE = { ...DEFAULT_REFUND_POLICY, tiers: [...DEFAULT_REFUND_POLICY.tiers] }

/** The terms on which a showtime or an event is sold. */
export const TERMS = {
  holdTtlMs: filled(whole(1, MAX_HOLD_TTL_MS), 600_000, {
    example: 600_000,
    description: 'How long an unpaid booking keeps its places; 10 minutes unless given',
  }),
  refundPolicy: filled({ taken: refundPolicy, shown: refundPolicy }, WITHOUT_FEE, { example: WITHOUT_FEE }),
  checkInOpensMs: filled(whole(0, MAX_CHECK_IN_OPENS_MS), DAY_MS, {
    example: DAY_MS,
    description: 'How long before the start tickets are let in; a day unless given',
  }),
}

export const LANE = {
  lane: fixed(
    optional(
      {
        taken: z.int().min(0).max(MAX_INTEGER).meta({
          description: 'For admins: a lane of its own for a hot sale; one is chosen unless given',
        }),
        shown: z.int().meta({ description: 'The line that its booking requests stand in' }),
      },
      { example: 3 },
    ),
  ),
}

type StatusOf<Name extends string> = z.ZodEnum<z.core.util.ToEnum<Name>>

/** A draft or on sale at first; what cancels it is a change. */
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
