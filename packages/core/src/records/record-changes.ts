import type { Cause } from './cause.ts'
import { insertCatalogueRecords } from './queries/insert-catalogue-records.ts'
import type { Transaction } from '../db/transaction.ts'
import type { EventFamily } from '../domain/entities.ts'
import { newId } from '../runtime/new-id.ts'

/** A change of the catalogue: becomes an audit row and an outgoing event. No personal data. */
export interface Change {
  /** `null` for what belongs to the service itself: audited, and told to nobody. */
  readonly organizerId: string | null
  /** `showtime` */
  readonly entity: EventFamily
  readonly entityId: string
  /** `published`; with the entity it is the audit's action and the event's type. */
  readonly what: string
  /** `null` for what is new. */
  readonly before: unknown
  readonly after: unknown
  /** `false` for what is audited and is no news to anybody. */
  readonly told?: boolean
}

export type Creation = Pick<Change, 'organizerId' | 'entity' | 'entityId' | 'after'>

/** Writes what became new, in the transaction that makes it (I7). */
export async function recordCreation(tx: Transaction, cause: Cause, creations: readonly Creation[]): Promise<void> {
  await recordChanges(tx, cause, creations.map(asCreated))
}

/**
 * Writes a new showtime or event, and what became new with it, in the transaction that makes it (I7). One that is on sale
 * from the start is published too, after its creation: whoever waits for that hears of everything that is on sale.
 */
export async function recordNewResource(
  tx: Transaction,
  cause: Cause,
  resource: Creation & { readonly after: { readonly status: string } },
  parts: readonly Creation[] = [],
): Promise<void> {
  const { status } = resource.after
  const onSale = status === 'active' || status === 'published'
  const published = { ...resource, what: 'published', before: null, after: { status } }
  await recordChanges(tx, cause, [...[resource, ...parts].map(asCreated), ...(onSale ? [published] : [])])
}

const asCreated = (creation: Creation): Change => ({ ...creation, what: 'created', before: null })

/** Writes what changed, in the transaction that changes it (I7). Of one thing it is numbered in the order of the commits. */
export async function recordChanges(tx: Transaction, cause: Cause, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return
  const records = changes.map(({ entity, what, told = true, ...change }) => ({
    id: newId(),
    entity,
    action: `${entity}.${what}`,
    told,
    ...change,
  }))
  await insertCatalogueRecords(tx, cause, records)
}
