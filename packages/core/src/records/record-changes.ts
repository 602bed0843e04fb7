import type { Cause } from './cause.ts'
import type { Change, NewResource } from './change.ts'
import { insertCatalogueRecords } from './queries/insert-catalogue-records.ts'
import type { Transaction } from '../db/transaction.ts'

/** Writes what changed, in the transaction that changes it (I7). Of one thing it is numbered in the order of the commits. */
export async function recordChanges(tx: Transaction, cause: Cause, changes: readonly Change[]): Promise<void> {
  if (changes.length > 0) await insertCatalogueRecords(tx, cause, changes)
}

/**
 * Writes a new showtime or event, and what became new with it, in the transaction that makes it (I7). One that is on sale
 * from the start is published too, after its creation: whoever waits for that hears of everything that is on sale.
 */
export async function recordNewResource(
  tx: Transaction,
  cause: Cause,
  resource: NewResource,
  parts: readonly Change[] = [],
): Promise<void> {
  await recordChanges(tx, cause, [resource, ...parts, ...publicationOf(resource)])
}

function publicationOf({ organizerId, entityId, type, after: { status } }: NewResource): Change[] {
  if (type === 'showtime.created' && status === 'active') {
    return [{ organizerId, entityId, type: 'showtime.published', after: { status } }]
  }
  if (type === 'event.created' && status === 'published') {
    return [{ organizerId, entityId, type: 'event.published', after: { status } }]
  }
  return []
}
