import { z } from 'zod'
import { DEFAULT_REFUND_POLICY } from '../domain/money/refund-policy.ts'
import { MAX_INTEGER, whole } from './kinds.ts'
import { filled, fixed, optional } from './field.ts'

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
}

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
