import { sql } from '../../db/drizzle.ts'
import { audit } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'
import { newId } from '../new-id.ts'

/** Who asks; part of every input, for the audit. */
export interface CreatedBy {
  /** Subject of the caller's token, or `system`. Never a name or an address. */
  readonly actor: string
  /** The HTTP request that caused it. */
  readonly requestId?: string | undefined
}

export interface Creation {
  readonly organizerId: string
  readonly entity: string
  readonly entityId: string
  /** The new state, without personal data. */
  readonly after: unknown
}

/** Writes the audit rows of new things, in the transaction that makes them (I7). */
export async function recordCreation(tx: Transaction, by: CreatedBy, creations: readonly Creation[]): Promise<void> {
  if (creations.length === 0) return
  await tx.orm.insert(audit).values(
    creations.map((creation) => ({
      id: newId(),
      // The database's clock, like every other audit row's.
      at: sql`clock_timestamp()`,
      organizerId: creation.organizerId,
      actor: by.actor,
      action: `${creation.entity}.created`,
      entity: creation.entity,
      entityId: creation.entityId,
      after: creation.after,
      requestId: by.requestId ?? null,
    })),
  )
}
