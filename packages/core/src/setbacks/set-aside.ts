/**
 * Setting aside work that failed alone: it is left out for a while, a longer one each time, and parked after its sixth
 * failure, until an operator retries it. Everything behind it goes on.
 *
 * The tempting wrong way is to repeat it in its place: it would be first again each time, and nothing behind it be done.
 */
import type pg from 'pg'
import { type FailedWork, recordSetback } from './queries/record-setback.ts'
import { sqlState, violatedConstraint } from '../db/sql-errors.ts'
import type { Logger } from '../runtime/logger.ts'
import { newId } from '../runtime/new-id.ts'

export interface SetAsideDependencies {
  readonly pool: pg.Pool
  readonly logger?: Logger | undefined
}

/** Counts the failure, and says so. Throws where that cannot be written: then nothing is set aside. */
export async function setAside(deps: SetAsideDependencies, work: FailedWork, error: unknown): Promise<void> {
  const { failures, isParked } = await recordSetback(deps.pool, newId(), work, setbackError(error))
  deps.logger?.error(
    { err: error, ...work, failures },
    isParked
      ? 'work is parked: it failed each time, and waits for an operator'
      : 'work failed alone and is left out for a while',
  )
}

/** Describes an error in words that name nobody, which its own message may. */
function setbackError(error: unknown): string {
  const state = sqlState(error)
  const constraint = violatedConstraint(error)
  if (state !== undefined)
    return `The database failed it: ${state}${constraint === undefined ? '' : ` (${constraint})`}.`
  return error instanceof Error ? `It failed: ${error.name}.` : 'It failed.'
}
