/** The parts that changing a showtime and changing an event share. All of them need the resource's lock. */
import { and, eq, ne } from '../db/drizzle.ts'
import { bookings, formerRefundPolicies, resources } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { type Changes, fieldsOf } from '../fields/field.ts'
import { TERMS, termsRules } from '../fields/resource.ts'
import type { Cause } from '../records/cause.ts'
import type { Change } from '../records/change.ts'
import { recordChanges } from '../records/record-changes.ts'
import { Problem, transitionRefused } from '../use-case/problem.ts'
import { readNow } from '../use-case/transact.ts'
import { type Differences, differences } from '../records/differences.ts'
import { requireRules } from './field-errors.ts'
import { type LockedResource, raiseVersion, type ResourceKind } from './lock-resource.ts'

/** `draft`, on sale (`active` of a showtime, `published` of an event), `cancelled`. */
type Status = 'draft' | 'active' | 'published' | 'cancelled'

interface Current {
  readonly status: Status
  readonly startsAt: Date
}

/**
 * Refuses a change of what is cancelled.
 *
 * @throws Problem `invalid_transition`
 */
export function requireNotCancelled(kind: ResourceKind, status: Status): void {
  if (status !== 'cancelled') return
  throw transitionRefused(kind, status, [], `The ${kind} is cancelled, and can no longer be changed.`)
}

/**
 * Returns what the change is called: `published`, `unpublished`, or `updated` where the status stays.
 *
 * @throws Problem `invalid_transition`, and `not_on_sale` for the time of what has begun
 * @throws Problem `in_use` for taking off sale what somebody has booked
 */
export async function requireChangeable(
  tx: Transaction,
  { id, kind }: LockedResource,
  current: Current,
  wanted: { readonly [Name in keyof Current]?: Current[Name] | undefined },
): Promise<'published' | 'unpublished' | 'updated'> {
  requireNotCancelled(kind, current.status)
  const { startsAt = current.startsAt, status = current.status } = wanted
  if (startsAt.getTime() !== current.startsAt.getTime()) requireMovable(kind, current, startsAt, await readNow(tx))
  if (status === current.status) return 'updated'
  if (status !== 'draft') return 'published'
  const [live] = await tx.orm
    .select({ id: bookings.id })
    .from(bookings)
    .where(and(eq(bookings.resourceId, id), ne(bookings.status, 'cancelled')))
    .limit(1)
  if (live === undefined) return 'unpublished'
  throw new Problem('in_use', {
    detail: `The ${kind} has bookings. Cancel it instead, which cancels and refunds them.`,
  })
}

/** Times may be moved until it begins, and drafts at any time: whoever has a ticket is told by `updated`, and keeps it. */
function requireMovable(kind: ResourceKind, current: Current, startsAt: Date, now: Date): void {
  if (current.status === 'draft') return
  if (now >= current.startsAt) {
    throw new Problem('not_on_sale', { detail: `The ${kind} has begun, so its time cannot be changed.` })
  }
  if (startsAt > now) return
  const a = kind === 'event' ? 'An event' : 'A showtime'
  const detail = `${a} on sale can only be moved to a time in the future.`
  throw new Problem('invalid_request', { errors: [{ pointer: '/startsAt', detail }] })
}

/**
 * Writes terms that change, and the record of all that has changed (I7). Whoever has booked keeps the refund policy that
 * they booked under: it is part of what was sold.
 *
 * @returns the resource's new version; `null` where nothing has changed
 * @throws Problem `invalid_request` for a sale that would end before it starts
 */
export async function finishChange(
  tx: Transaction,
  by: Cause,
  resource: LockedResource,
  what: 'published' | 'unpublished' | 'updated',
  terms: Changes<typeof TERMS>,
  parts: readonly (Differences<object> | null)[],
): Promise<number | null> {
  const { id, kind, organizerId, refundPolicy } = resource
  const { salesStartAt = resource.salesStartAt, salesEndAt = resource.salesEndAt } = terms
  requireRules(termsRules({ salesStartAt, salesEndAt }))
  const changed = differences(fieldsOf(TERMS, resource), terms)
  if (changed !== null) {
    await tx.orm.update(resources).set(changed.after).where(eq(resources.id, id))
    if (changed.after.refundPolicy !== undefined) {
      const former = { resourceId: id, until: await readNow(tx), policy: refundPolicy }
      await tx.orm.insert(formerRefundPolicies).values(former)
    }
  }
  const all = [...parts, changed].filter((part) => part !== null)
  if (all.length === 0) return null
  const before: object = Object.assign({}, ...all.map((part) => part.before))
  const after: object = Object.assign({}, ...all.map((part) => part.after))
  await recordChanges(tx, by, [{ organizerId, type: `${kind}.${what}`, entityId: id, before, after } as Change])
  return raiseVersion(tx, id)
}
