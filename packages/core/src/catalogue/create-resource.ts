import { eq } from '../db/drizzle.ts'
import { lanes, resources, resourceState } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { laneFor } from '../domain/lane.ts'
import { type New, type Row, withDefaults } from '../fields/field.ts'
import { TERMS } from '../fields/resource.ts'
import type { Cause } from '../records/cause.ts'
import { newId } from '../runtime/new-id.ts'
import { Problem } from '../use-case/problem.ts'

/** The input that showtimes and events have in common. */
export interface NewResource extends Cause, New<typeof TERMS> {
  readonly id?: string | undefined
  readonly organizerId: string
  /** Number of lanes to choose from; the setting `LANES`. */
  readonly lanes: number
  /** A lane of its own for a hot on-sale; chosen by the id's hash unless given. */
  readonly lane?: number | undefined
}

/**
 * Inserts the row that intake and bookings refer to, and the row that they lock. The lane must exist: requests for a
 * resource in any other would never be decided.
 *
 * @throws Problem `invalid_request` for a lane that does not exist
 */
export async function createResource(
  tx: Transaction,
  kind: 'showtime' | 'event',
  input: NewResource,
): Promise<{ id: string; lane: number; terms: Row<typeof TERMS> }> {
  const { organizerId, id = newId() } = input
  const lane = input.lane ?? laneFor(id, input.lanes)
  const found = await tx.orm.select({ id: lanes.id }).from(lanes).where(eq(lanes.id, lane))
  if (found.length === 0) {
    throw new Problem('invalid_request', { errors: [{ pointer: '/lane', detail: `There is no lane ${lane}.` }] })
  }
  const terms = withDefaults(TERMS, input)
  await tx.orm.insert(resources).values({ id, kind, organizerId, lane, ...terms })
  await tx.orm.insert(resourceState).values({ resourceId: id })
  return { id, lane, terms }
}
