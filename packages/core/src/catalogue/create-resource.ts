import { resources, resourceState } from '../db/schema/index.ts'
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
  /** Chosen by the id unless given; an id that is given has its own. */
  readonly lane?: number | undefined
}

/**
 * Inserts the row that intake and bookings refer to, with which comes its line, and the row that those lock who decide.
 *
 * @throws Problem `invalid_request` for a lane that does not exist
 */
export async function createResource(
  tx: Transaction,
  kind: 'showtime' | 'event',
  input: NewResource,
): Promise<{ id: string; lane: number; terms: Row<typeof TERMS> }> {
  const { organizerId, lanes, lane } = input
  if (lane !== undefined && lane >= lanes) {
    throw new Problem('invalid_request', { errors: [{ pointer: '/lane', detail: `There is no lane ${lane}.` }] })
  }
  const id = input.id ?? newIdWhere(inLane(lane, lanes))
  const terms = withDefaults(TERMS, input)
  await tx.orm.insert(resources).values({ id, kind, organizerId, ...terms })
  await tx.orm.insert(resourceState).values({ resourceId: id })
  return { id, lane: laneFor(id, lanes), terms }
}

/** Returns whether an id is one of this lane, or of any. */
export function inLane(lane: number | undefined, lanes: number): (id: string) => boolean {
  return lane === undefined || lane >= lanes ? () => true : (id) => laneFor(id, lanes) === lane
}

/** Draws an id that is wanted, for an id says in which lane its resource is: about as often as there are lanes. */
export function newIdWhere(isWanted: (id: string) => boolean): string {
  for (;;) {
    const id = newId()
    if (isWanted(id)) return id
  }
}
