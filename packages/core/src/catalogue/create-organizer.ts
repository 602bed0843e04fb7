import { organizers } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { newId } from '../runtime/new-id.ts'
import { FieldErrors } from './field-errors.ts'
import { organizerRecord } from './organizer-record.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { requireInteger, requireMailAddress, requireName } from './rules.ts'

export interface CreateOrganizer extends Cause {
  readonly id?: string | undefined
  readonly name: string
  /** Fee on (subtotal - discount) in basis points; 300, that is 3 %, unless given. */
  readonly feeBasisPoints?: number | undefined
  /** Whom buyers ask; nobody unless given. */
  readonly contactEmail?: string | null | undefined
}

/** @throws Problem `invalid_request` */
export async function createOrganizer(tx: Transaction, input: CreateOrganizer): Promise<{ organizerId: string }> {
  const { name, feeBasisPoints = 300, contactEmail = null } = input
  const problems = new FieldErrors()
  requireName(problems, '/name', name)
  requireInteger(problems, '/feeBasisPoints', feeBasisPoints, 0, 10_000)
  if (contactEmail !== null) requireMailAddress(problems, '/contactEmail', contactEmail)
  problems.throwIfAny()

  const organizerId = input.id ?? newId()
  const values = { name, feeBasisPoints, contactEmail }
  await tx.orm.insert(organizers).values({ id: organizerId, ...values })
  await recordChanges(tx, input, [
    { organizerId, type: 'organizer.created', entityId: organizerId, after: organizerRecord(values) },
  ])
  return { organizerId }
}
