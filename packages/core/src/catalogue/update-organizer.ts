import { eq } from '../db/drizzle.ts'
import { organizers } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { differences } from './differences.ts'
import { organizerRecord } from './organizer-record.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { requireInteger, requireMailAddress, requireName } from './rules.ts'
import { FieldErrors } from './field-errors.ts'
import { notFound } from '../use-case/problem.ts'

export interface UpdateOrganizer extends Cause {
  readonly organizerId: string
  readonly name?: string | undefined
  /** For what is decided from now on. */
  readonly feeBasisPoints?: number | undefined
  /** Whom buyers ask, in mail and on tickets made from now on; `null` is nobody. */
  readonly contactEmail?: string | null | undefined
}

/** @throws Problem `invalid_request`, `not_found` */
export async function updateOrganizer(tx: Transaction, input: UpdateOrganizer): Promise<void> {
  const { organizerId, name, feeBasisPoints, contactEmail } = input
  const problems = new FieldErrors()
  if (name !== undefined) requireName(problems, '/name', name)
  if (feeBasisPoints !== undefined) requireInteger(problems, '/feeBasisPoints', feeBasisPoints, 0, 10_000)
  if (typeof contactEmail === 'string') requireMailAddress(problems, '/contactEmail', contactEmail)
  problems.throwIfAny()

  const [current] = await tx.orm
    .select({
      name: organizers.name,
      feeBasisPoints: organizers.feeBasisPoints,
      contactEmail: organizers.contactEmail,
    })
    .from(organizers)
    .where(eq(organizers.id, organizerId))
    .for('no key update')
  if (current === undefined) throw notFound('organizer')
  const changed = differences(current, { name, feeBasisPoints, contactEmail })
  if (changed === null) return
  await tx.orm.update(organizers).set(changed.after).where(eq(organizers.id, organizerId))
  await recordChanges(tx, input, [
    {
      organizerId,
      type: 'organizer.updated',
      entityId: organizerId,
      before: organizerRecord(changed.before),
      after: organizerRecord(changed.after),
    },
  ])
}
