import { and, eq } from '../db/drizzle.ts'
import { venues } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { NotFoundError } from '../use-case/errors.ts'
import { differences } from './differences.ts'
import { Problems } from './invalid-catalogue-error.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { requireName, requireText, requireTimeZone } from './rules.ts'

export interface UpdateVenue extends Cause {
  readonly venueId: string
  /** Whose it must be; `null`, for admins, is anybody's. */
  readonly organizerId: string | null
  readonly name?: string | undefined
  readonly address?: string | undefined
  /** Showtimes keep their instants: what changes is how tickets print them. */
  readonly timeZone?: string | undefined
}

/** @throws InvalidCatalogueError, NotFoundError */
export async function updateVenue(tx: Transaction, input: UpdateVenue): Promise<void> {
  const { venueId, name, address, timeZone } = input
  const problems = new Problems()
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
  if (found === undefined) throw new NotFoundError('venue')
  const { organizerId, ...current } = found
  const changed = differences(
    { name: current.name, address: current.address, timeZone: current.timeZone },
    { name, address, timeZone },
  )
  if (changed === null) return
  await tx.orm.update(venues).set(changed.after).where(eq(venues.id, venueId))
  await recordChanges(tx, input, [{ organizerId, type: 'venue.updated', entityId: venueId, ...changed }])
}
