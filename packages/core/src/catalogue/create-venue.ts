import { venues } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { newId } from '../runtime/new-id.ts'
import { FieldErrors } from './field-errors.ts'
import { requireOrganizer } from './ownership.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { requireName, requireText, requireTimeZone } from './rules.ts'

export interface CreateVenue extends Cause {
  readonly id?: string | undefined
  readonly organizerId: string
  readonly name: string
  readonly address?: string | undefined
  /** IANA name; tickets print local times. */
  readonly timeZone: string
}

/** @throws Problem `invalid_request`, `not_found` for the organizer */
export async function createVenue(tx: Transaction, input: CreateVenue): Promise<{ venueId: string }> {
  const { organizerId, name, address = '', timeZone } = input
  const problems = new FieldErrors()
  requireName(problems, '/name', name)
  requireText(problems, '/address', address)
  requireTimeZone(problems, '/timeZone', timeZone)
  problems.throwIfAny()
  await requireOrganizer(tx, organizerId)

  const venueId = input.id ?? newId()
  await tx.orm.insert(venues).values({ id: venueId, organizerId, name, address, timeZone })
  await recordChanges(tx, input, [
    { organizerId, type: 'venue.created', entityId: venueId, after: { name, address, timeZone } },
  ])
  return { venueId }
}
