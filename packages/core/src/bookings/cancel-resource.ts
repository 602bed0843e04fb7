/**
 * Cancelling a showtime or an event. This commit takes it off sale, so that nothing is booked from then on; its bookings
 * are cancelled and refunded afterwards, in batches (`bookings/cancel-resources.ts`), for a full house in one
 * transaction would keep its line waiting.
 *
 * Keeps: I7; where nothing is booked, this commit is also the end of the cancellation, and tells of it. What is over and
 * being closed can no longer be cancelled, so that none of its bookings is left out. A booking that was decided before is
 * counted, and one that is decided after is refused: both hold the lock.
 * Locks: the resource's state → idempotency key.
 */
import { and, count, eq, inArray } from '../db/drizzle.ts'
import { bookings, events, resourceCancellations, showtimes } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { readNow } from '../use-case/transact.ts'
import { type KeyedRequest, makeOnce } from '../use-case/idempotency.ts'
import { cancellationFinished } from './cancellation-finished.ts'
import { lockResource, raiseVersion, type ResourceChange, type ResourceKind } from '../catalogue/lock-resource.ts'
import { recordChanges } from '../records/record-changes.ts'
import { notFound, Problem, transitionRefused } from '../use-case/problem.ts'

export interface CancelResource extends ResourceChange {
  readonly kind: ResourceKind
  readonly id: string
  /** Reason in the buyers' mail. */
  readonly reason: string
  readonly keyed: KeyedRequest | null
}

export interface CancelledResource {
  readonly replayed: boolean
  /** `null` where it was cancelled by an earlier request under the same key. */
  readonly version: number | null
}

/**
 * Cancels a showtime or event.
 *
 * @throws Problem `not_found`, `invalid_transition` for a cancelled one, `idempotency_key_reused`
 * @throws Problem `not_on_sale` for one that is over and closed
 */
export async function cancelResource(tx: Transaction, input: CancelResource): Promise<CancelledResource> {
  const { kind, id, reason } = input
  const resource = await lockResource(tx, kind, id, input.organizerId)
  let version: number | null = null
  const { replayed } = await makeOnce(tx, input.keyed, async () => {
    if (resource.closed)
      throw new Problem('not_on_sale', { detail: `The ${kind} is over, and its bookings are closed.` })
    const status = await cancelRow(tx, kind, id)
    const [live] = await tx.orm
      .select({ total: count() })
      .from(bookings)
      .where(and(eq(bookings.resourceId, id), inArray(bookings.status, ['pending', 'confirmed'])))
    const { organizerId } = resource
    const total = live?.total ?? 0
    const now = await readNow(tx)
    await tx.orm.insert(resourceCancellations).values({
      resourceId: id,
      reason,
      actor: input.actor,
      requestId: input.requestId,
      total,
      startedAt: now,
      finishedAt: total === 0 ? now : null,
    })
    await recordChanges(tx, input, [
      {
        organizerId,
        entityId: id,
        type: `${kind}.cancelled`,
        before: { status },
        after: { status: 'cancelled', reason, bookings: total },
      },
      // Nobody else would come to tell.
      ...(total === 0 ? [cancellationFinished({ resourceId: id, kind, organizerId, total, cancelled: 0 })] : []),
    ])
    version = await raiseVersion(tx, id)
    return id
  })
  return { replayed, version }
}

/** Returns the status before. */
async function cancelRow(tx: Transaction, kind: ResourceKind, id: string): Promise<string> {
  const table = kind === 'showtime' ? showtimes : events
  const [found] = await tx.orm.select({ status: table.status }).from(table).where(eq(table.id, id))
  if (found === undefined) throw notFound(kind)
  if (found.status === 'cancelled') throw transitionRefused(kind, 'cancelled', [])
  await tx.orm.update(table).set({ status: 'cancelled' }).where(eq(table.id, id))
  return found.status
}
