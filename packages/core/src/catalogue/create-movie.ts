import { movies } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { newId } from '../runtime/new-id.ts'
import { FieldErrors } from './field-errors.ts'
import { requireOrganizer } from './ownership.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { requireInteger, requireName, requireText } from './rules.ts'

export interface CreateMovie extends Cause {
  readonly id?: string | undefined
  readonly organizerId: string
  readonly title: string
  readonly synopsis?: string | undefined
  readonly durationMinutes: number
  /** Age rating as the cinema prints it, such as `12`. */
  readonly rating?: string | undefined
}

/** @throws Problem `invalid_request`, `not_found` for the organizer */
export async function createMovie(tx: Transaction, input: CreateMovie): Promise<{ movieId: string }> {
  const { organizerId, title, synopsis = '', durationMinutes, rating = '' } = input
  const problems = new FieldErrors()
  requireName(problems, '/title', title)
  requireText(problems, '/synopsis', synopsis)
  requireText(problems, '/rating', rating)
  requireInteger(problems, '/durationMinutes', durationMinutes, 1, 24 * 60)
  problems.throwIfAny()
  await requireOrganizer(tx, organizerId)

  const movieId = input.id ?? newId()
  await tx.orm.insert(movies).values({ id: movieId, organizerId, title, synopsis, durationMinutes, rating })
  await recordChanges(tx, input, [
    { organizerId, type: 'movie.created', entityId: movieId, after: { title, durationMinutes, rating } },
  ])
  return { movieId }
}
