import { organizers } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'
import { newId } from '../new-id.ts'
import { Problems } from './invalid-catalogue-error.ts'
import { recordCreation, type CreatedBy } from './record-changes.ts'
import { requireInteger, requireName } from './rules.ts'

export interface CreateOrganizer extends CreatedBy {
  readonly id?: string | undefined
  readonly name: string
  /** Fee on (subtotal - discount) in basis points; 300, that is 3 %, unless given. */
  readonly feeBasisPoints?: number | undefined
}

/** @throws InvalidCatalogueError */
export async function createOrganizer(tx: Transaction, input: CreateOrganizer): Promise<{ organizerId: string }> {
  const { name, feeBasisPoints = 300 } = input
  const problems = new Problems()
  requireName(problems, '/name', name)
  requireInteger(problems, '/feeBasisPoints', feeBasisPoints, 0, 10_000)
  problems.throwIfAny()

  const organizerId = input.id ?? newId()
  await tx.orm.insert(organizers).values({ id: organizerId, name, feeBasisPoints })
  await recordCreation(tx, input, [
    { organizerId, entity: 'organizer', entityId: organizerId, after: { name, feeBasisPoints } },
  ])
  return { organizerId }
}
