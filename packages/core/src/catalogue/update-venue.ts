import { and, eq } from '../db/drizzle.ts'
import { venues } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { differences } from './differences.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { requireName, requireText, requireTimeZone } from './rules.ts'
import { FieldErrors } from './field-errors.ts'
import { notFound } from '../use-case/problem.ts'

export interface UpdateVenue extends Cause {
  readonly venueId: string
  /** Whose it must be; `null`, for admins, is anybody's. */
  readonly organizerId: string | null
  readonly name?: string | undefined
  readonly address?: string | undefined
  /** Showtimes keep their instants: what changes is how tickets print them. */
  readonly timeZone?: string | undefined
}

/** @throws Problem `invalid_request`, `not_found` */
export async function updateVenue(tx: Transaction, input: UpdateVenue): Promise<void> {
  const { venueId, name, address, timeZone } = input
  const problems = new FieldErrors()
  if (name !== undefined) requireName(problems, '/name', name)
  if (address !== undefined) requireText(problems, '/address', address)
  if (timeZone !== undefined) requireTimeZone(problems, '/timeZone', timeZone)
  problems.throwIfAny()

  const [found] = await tx.orm
    .select()
    .from(venues)
    .where(
      and(eq(venues.id, venueId), input.organizerId === null ? undefined : eq(venues.organizerId, input.organizerId)),
    )
    .for('no key update')
  if (found === undefined) throw notFound('venue')
  const { organizerId, ...current } = found
  const changed = differences(
    { name: current.name, address: current.address, timeZone: current.timeZone },
    { name, address, timeZone },
  )
  if (changed === null) return
  await tx.orm.update(venues).set(changed.after).where(eq(venues.id, venueId))
  await recordChanges(tx, input, [{ organizerId, type: 'venue.updated', entityId: venueId, ...changed }])
}
