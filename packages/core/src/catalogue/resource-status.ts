import { and, eq, ne } from '../db/drizzle.ts'
import { bookings } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { Problem, transitionRefused } from '../use-case/problem.ts'
import type { ResourceKind } from './lock-resource.ts'

/** `draft`, on sale (`active` of a showtime, `published` of an event), `cancelled`. */
type Status = 'draft' | 'active' | 'published' | 'cancelled'

/** @throws Problem `invalid_transition` for what is cancelled: nothing about it can be changed. */
export function requireNotCancelled(kind: ResourceKind, status: Status): void {
  if (status !== 'cancelled') return
  throw transitionRefused(kind, status, [], `The ${kind} is cancelled, and can no longer be changed.`)
}

/**
 * What a change of status is called: `null` where there is none.
 *
 * @throws Problem `in_use` for taking off sale what somebody has booked; needs the resource's lock
 */
export async function statusChange(
  tx: Transaction,
  { id, kind }: { readonly id: string; readonly kind: ResourceKind },
  current: Status,
  wanted: Status | undefined,
): Promise<'published' | 'unpublished' | null> {
  if (wanted === undefined || wanted === current) return null
  if (wanted !== 'draft') return 'published'
  const [live] = await tx.orm
    .select({ id: bookings.id })
    .from(bookings)
    .where(and(eq(bookings.resourceId, id), ne(bookings.status, 'cancelled')))
    .limit(1)
  if (live !== undefined) {
    throw new Problem('in_use', {
      detail: `The ${kind} has bookings. Cancel it instead, which cancels and refunds them.`,
    })
  }
  return 'unpublished'
}

/**
 * Times may be moved until it begins, and drafts at any time: whoever has a ticket is told by `updated`, and keeps it.
 *
 * @throws Problem `not_on_sale`
 */
export function requireMovable(kind: ResourceKind, status: Status, startsAt: Date, now: Date): void {
  if (status === 'draft' || now.getTime() < startsAt.getTime()) return
  throw new Problem('not_on_sale', { detail: `The ${kind} has begun, so its time cannot be changed.` })
}
