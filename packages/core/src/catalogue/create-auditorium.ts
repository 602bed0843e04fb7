import { auditoriums } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { newId } from '../runtime/new-id.ts'
import { FieldErrors } from './field-errors.ts'
import { requireVenue } from './ownership.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { requireName } from './rules.ts'

export interface CreateAuditorium extends Cause {
  readonly id?: string | undefined
  readonly organizerId: string
  readonly venueId: string
  readonly name: string
}

/**
 * An auditorium without seats; `createLayout` gives it its first layout.
 *
 * @throws Problem `invalid_request`, `not_found` for the venue
 */
export async function createAuditorium(tx: Transaction, input: CreateAuditorium): Promise<{ auditoriumId: string }> {
  const { organizerId, venueId, name } = input
  const problems = new FieldErrors()
  requireName(problems, '/name', name)
  problems.throwIfAny()
  await requireVenue(tx, organizerId, venueId)

  const auditoriumId = input.id ?? newId()
  await tx.orm.insert(auditoriums).values({ id: auditoriumId, venueId, name })
  await recordChanges(tx, input, [
    { organizerId, type: 'auditorium.created', entityId: auditoriumId, after: { venueId, name } },
  ])
  return { auditoriumId }
}
