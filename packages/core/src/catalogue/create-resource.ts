import { eq } from '../db/drizzle.ts'
import { lanes, resources, resourceState } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { laneFor } from '../domain/lane.ts'
import { DEFAULT_REFUND_POLICY, type RefundPolicy } from '../domain/refund-policy.ts'
import { newId } from '../runtime/new-id.ts'
import { Problem } from '../use-case/problem.ts'
import type { FieldErrors } from './field-errors.ts'
import { requireInteger } from './rules.ts'

/** What showtimes and events have in common. */
export interface ResourceInput {
  readonly id?: string | undefined
  readonly organizerId: string
  /** Number of lanes to choose from; the setting `LANES`. */
  readonly lanes: number
  /** A lane of its own for a hot on-sale; chosen by the id's hash unless given. */
  readonly lane?: number | undefined
  /** How long an unpaid booking keeps its seats or tickets; 600,000 (10 minutes) unless given. */
  readonly holdTtlMs?: number | undefined
  /** What comes back when a buyer cancels; all but the fee until the start, unless given. */
  readonly refundPolicy?: RefundPolicy | undefined
  /** How long before the start tickets are let in; 86,400,000 (a day) unless given. */
  readonly checkInOpensMs?: number | undefined
}

/** The terms of a showtime or an event that can be changed later. */
export type ResourceTerms = Pick<typeof resources.$inferSelect, 'holdTtlMs' | 'refundPolicy' | 'checkInOpensMs'>

const DEFAULT_HOLD_TTL_MS = 600_000
const MAX_HOLD_TTL_MS = 24 * 60 * 60 * 1000
const DEFAULT_CHECK_IN_OPENS_MS = 24 * 60 * 60 * 1000
const MAX_CHECK_IN_OPENS_MS = 14 * 24 * 60 * 60 * 1000
const MAX_NOTICE_MS = 1_000 * 24 * 60 * 60 * 1000
const MAX_TIERS = 10

export function checkResource(problems: FieldErrors, input: ResourceInput): void {
  if (input.lane !== undefined) requireInteger(problems, '/lane', input.lane, 0)
  checkTerms(problems, input)
}

/** Those of the terms that are given. */
export function checkTerms(
  problems: FieldErrors,
  input: Pick<ResourceInput, 'holdTtlMs' | 'refundPolicy' | 'checkInOpensMs'>,
): void {
  if (input.holdTtlMs !== undefined) requireInteger(problems, '/holdTtlMs', input.holdTtlMs, 1, MAX_HOLD_TTL_MS)
  if (input.checkInOpensMs !== undefined) {
    requireInteger(problems, '/checkInOpensMs', input.checkInOpensMs, 0, MAX_CHECK_IN_OPENS_MS)
  }
  const { tiers = [] } = input.refundPolicy ?? {}
  problems.require(tiers.length <= MAX_TIERS, '/refundPolicy/tiers', `Must have at most ${MAX_TIERS} items.`)
  for (const [index, { noticeMs, basisPoints }] of tiers.entries()) {
    requireInteger(problems, `/refundPolicy/tiers/${index}/noticeMs`, noticeMs, 0, MAX_NOTICE_MS)
    requireInteger(problems, `/refundPolicy/tiers/${index}/basisPoints`, basisPoints, 0, 10_000)
  }
}

/**
 * The row that intake and bookings refer to, and the row that they lock. The lane must exist: requests for a resource
 * in any other would never be decided.
 *
 * @throws Problem `invalid_request` for a lane that does not exist
 */
export async function createResource(
  tx: Transaction,
  kind: 'showtime' | 'event',
  input: ResourceInput,
): Promise<{ id: string; lane: number } & ResourceTerms> {
  const { organizerId, holdTtlMs = DEFAULT_HOLD_TTL_MS, refundPolicy = DEFAULT_REFUND_POLICY } = input
  const { checkInOpensMs = DEFAULT_CHECK_IN_OPENS_MS } = input
  const terms = { holdTtlMs, refundPolicy, checkInOpensMs }
  const id = input.id ?? newId()
  const lane = input.lane ?? laneFor(id, input.lanes)
  const found = await tx.orm.select({ id: lanes.id }).from(lanes).where(eq(lanes.id, lane))
  if (found.length === 0) {
    throw new Problem('invalid_request', { errors: [{ pointer: '/lane', detail: `There is no lane ${lane}.` }] })
  }
  await tx.orm.insert(resources).values({ id, kind, organizerId, lane, ...terms })
  await tx.orm.insert(resourceState).values({ resourceId: id })
  return { id, lane, ...terms }
}
