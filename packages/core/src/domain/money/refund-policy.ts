import type { Minor } from './money.ts'
import { minor, percentOf } from './money.ts'

/**
 * Refund for a buyer who cancels a paid booking. The tier with the longest notice that the buyer still keeps applies;
 * with less notice than every tier asks for, nothing is refunded.
 */
export interface RefundPolicy {
  readonly tiers: readonly RefundTier[]
  /** True if the fee is refunded too, in the same proportion. */
  readonly refundsFee: boolean
}

export interface RefundTier {
  /** Minimum time before the start. */
  readonly noticeMs: number
  /** Share of the amount paid without the fee: 10000 is all of it. */
  readonly basisPoints: number
}

/** All but the fee, until the start. */
export const DEFAULT_REFUND_POLICY: RefundPolicy = { tiers: [{ noticeMs: 0, basisPoints: 10_000 }], refundsFee: false }

/** Choices for the refund of a paid booking: by the resource's policy, all of it, or nothing. Staff may choose. */
export const REFUND_CHOICES = ['policy', 'full', 'none'] as const
export type RefundChoice = (typeof REFUND_CHOICES)[number]

/** Amount paid for a booking and the part refunded already, in minor units. */
export interface Paid {
  readonly total: Minor
  readonly fee: Minor
  /** Refunded or promised. */
  readonly returned: Minor
}

/**
 * Returns the refund if the buyer cancels at `nowMs`, in minor units: never more than is left, never below zero.
 *
 * @throws RangeError when an amount is negative or no safe integer.
 */
export function refundForBuyer(policy: RefundPolicy, paid: Paid, startsAtMs: number, nowMs: number): Minor {
  const noticeMs = startsAtMs - nowMs
  const kept = policy.tiers.filter((tier) => noticeMs >= tier.noticeMs).sort((a, b) => b.noticeMs - a.noticeMs)
  const basisPoints = kept[0]?.basisPoints ?? 0
  const base = policy.refundsFee ? paid.total : minor(paid.total - paid.fee)
  const due = Math.min(percentOf(base, basisPoints), paid.total)
  return Math.max(0, minor(due - paid.returned))
}

/** Returns the refund if the organizer cancels: all that is left, fee included. */
export function refundForOrganizer(paid: Paid): Minor {
  return Math.max(0, minor(paid.total - paid.returned))
}
