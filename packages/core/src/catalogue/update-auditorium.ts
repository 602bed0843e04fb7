import { and, eq } from '../db/drizzle.ts'
import { auditoriums, venues } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { differences } from './differences.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { requireName } from './rules.ts'
import { FieldErrors } from './field-errors.ts'
import { notFound } from '../use-case/problem.ts'

export interface UpdateAuditorium extends Cause {
  readonly auditoriumId: string
  /** Organizer that it must belong to; `null`, for admins, is any. */
  readonly organizerId: string | null
  readonly name?: string | undefined
}

/** @throws Problem `invalid_request`, `not_found` */
export async function updateAuditorium(tx: Transaction, input: UpdateAuditorium): Promise<void> {
  const { auditoriumId, name } = input
  const problems = new FieldErrors()
  if (name !== undefined) requireName(problems, '/name', name)
  problems.throwIfAny()

  const { organizerId, ...current } = await lockAuditorium(tx, auditoriumId, input.organizerId)
  const changed = differences({ name: current.name }, { name })
  if (changed === null) return
  await tx.orm.update(auditoriums).set(changed.after).where(eq(auditoriums.id, auditoriumId))
  await recordChanges(tx, input, [{ organizerId, type: 'auditorium.updated', entityId: auditoriumId, ...changed }])
}

/** @throws Problem `not_found` */
export async function lockAuditorium(
  tx: Transaction,
  auditoriumId: string,
  organizerId: string | null,
): Promise<{ readonly organizerId: string; readonly name: string }> {
  const [found] = await tx.orm
    .select({ organizerId: venues.organizerId, name: auditoriums.name })
    .from(auditoriums)
    .innerJoin(venues, eq(venues.id, auditoriums.venueId))
    .where(
      and(eq(auditoriums.id, auditoriumId), organizerId === null ? undefined : eq(venues.organizerId, organizerId)),
    )
    .for('no key update', { of: auditoriums })
  if (found === undefined) throw notFound('auditorium')
  return found
}
