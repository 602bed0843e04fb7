import { eq } from '../../db/drizzle.ts'
import { lanes, resources, resourceState } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'
import { laneFor } from '../../domain/lane.ts'
import { newId } from '../new-id.ts'
import { InvalidCatalogueError, type Problems } from './invalid-catalogue-error.ts'
import { requireInteger } from './rules.ts'

/** What showtimes and events have in common. */
export interface ResourceInput {
  readonly id?: string | undefined
  readonly organizerId: string
  /** Number of lanes to choose from; the setting `LANES`. */
  readonly lanes: number
  /** A lane of its own for a hot on-sale; chosen by the id's hash unless given. */
  readonly lane?: number | undefined
  /** How long an unpaid booking keeps its seats or tickets; 600,000 (10 minutes) unless given. */
  readonly holdTtlMs?: number | undefined
}

const DEFAULT_HOLD_TTL_MS = 600_000
const MAX_HOLD_TTL_MS = 24 * 60 * 60 * 1000

export function checkResource(problems: Problems, input: ResourceInput): void {
  if (input.lane !== undefined) requireInteger(problems, '/lane', input.lane, 0)
  if (input.holdTtlMs !== undefined) requireInteger(problems, '/holdTtlMs', input.holdTtlMs, 1, MAX_HOLD_TTL_MS)
}

/**
 * The row that intake and bookings refer to, and the row that they lock. The lane must exist: requests for a resource
 * in any other would never be decided.
 *
 * @throws InvalidCatalogueError for a lane that does not exist
 */
export async function createResource(
  tx: Transaction,
  kind: 'showtime' | 'event',
  input: ResourceInput,
): Promise<{ id: string; lane: number; holdTtlMs: number }> {
  const { organizerId, holdTtlMs = DEFAULT_HOLD_TTL_MS } = input
  const id = input.id ?? newId()
  const lane = input.lane ?? laneFor(id, input.lanes)
  const found = await tx.orm.select({ id: lanes.id }).from(lanes).where(eq(lanes.id, lane))
  if (found.length === 0) {
    throw new InvalidCatalogueError([{ pointer: '/lane', detail: `There is no lane ${lane}.` }])
  }
  await tx.orm.insert(resources).values({ id, kind, organizerId, lane, holdTtlMs })
  await tx.orm.insert(resourceState).values({ resourceId: id })
  return { id, lane, holdTtlMs }
}
