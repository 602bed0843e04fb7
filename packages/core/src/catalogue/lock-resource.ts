import { and, eq, sql } from '../db/drizzle.ts'
import { lockInventory } from '../inventory/queries/lock-inventory.ts'
import { resources, resourceState } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { TERMS } from '../fields/resource.ts'
import type { Cause } from '../records/cause.ts'
import { notFound } from '../use-case/problem.ts'

export type ResourceKind = 'showtime' | 'event'

/** A change of a showtime or an event, by whom and whose it must be. */
export interface ResourceChange extends Cause {
  /** `null`, for admins, is anybody's. */
  readonly organizerId: string | null
}

export interface LockedResource extends Pick<typeof resources.$inferSelect, keyof typeof TERMS> {
  readonly id: string
  readonly kind: ResourceKind
  readonly organizerId: string
  /** Its bookings are completed or no_show, or are just becoming so. */
  readonly closed: boolean
}

/**
 * Locks a showtime's or an event's state, as whoever decides about it or changes it does: what is read after this stays.
 *
 * @throws Problem `not_found` for one that another organizer owns, too
 */
export async function lockResource(
  tx: Transaction,
  kind: ResourceKind,
  id: string,
  organizerId: string | null,
): Promise<LockedResource> {
  await lockInventory(tx, [id], [])
  const [found] = await tx.orm
    .select({
      id: resources.id,
      organizerId: resources.organizerId,
      holdTtlMs: resources.holdTtlMs,
      refundPolicy: resources.refundPolicy,
      checkInOpensMs: resources.checkInOpensMs,
      rates: resources.rates,
      singleSeats: resources.singleSeats,
      salesStartAt: resources.salesStartAt,
      salesEndAt: resources.salesEndAt,
      closingAt: resourceState.closingAt,
      closedAt: resourceState.closedAt,
    })
    .from(resources)
    .innerJoin(resourceState, eq(resourceState.resourceId, resources.id))
    .where(
      and(
        eq(resources.id, id),
        eq(resources.kind, kind),
        organizerId === null ? undefined : eq(resources.organizerId, organizerId),
      ),
    )
  if (found === undefined) throw notFound(kind)
  const { closingAt, closedAt, ...resource } = found
  return { ...resource, kind, closed: (closingAt ?? closedAt) !== null }
}

/** Gives a locked resource a new version, so that what was cached of it is read again. */
export async function raiseVersion(tx: Transaction, resourceId: string): Promise<number> {
  const [row] = await tx.orm
    .update(resourceState)
    .set({ version: sql`${resourceState.version} + 1` })
    .where(eq(resourceState.resourceId, resourceId))
    .returning({ version: resourceState.version })
  if (row === undefined) throw new Error(`resource ${resourceId} has no state`)
  return row.version
}
