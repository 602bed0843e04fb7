import { and, eq } from '../db/drizzle.ts'
import { movies } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { differences } from './differences.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { requireInteger, requireName, requireText } from './rules.ts'
import { FieldErrors } from './field-errors.ts'
import { notFound } from '../use-case/problem.ts'

export interface UpdateMovie extends Cause {
  readonly movieId: string
  /** Whose it must be; `null`, for admins, is anybody's. */
  readonly organizerId: string | null
  readonly title?: string | undefined
  readonly synopsis?: string | undefined
  readonly durationMinutes?: number | undefined
  readonly rating?: string | undefined
}

/** @throws Problem `invalid_request`, `not_found` */
export async function updateMovie(tx: Transaction, input: UpdateMovie): Promise<void> {
  const { movieId, title, synopsis, durationMinutes, rating } = input
  const problems = new FieldErrors()
  if (title !== undefined) requireName(problems, '/title', title)
  if (synopsis !== undefined) requireText(problems, '/synopsis', synopsis)
  if (rating !== undefined) requireText(problems, '/rating', rating)
  if (durationMinutes !== undefined) requireInteger(problems, '/durationMinutes', durationMinutes, 1, 24 * 60)
  problems.throwIfAny()

  const [found] = await tx.orm
    .select()
    .from(movies)
    .where(
      and(eq(movies.id, movieId), input.organizerId === null ? undefined : eq(movies.organizerId, input.organizerId)),
    )
    .for('no key update')
  if (found === undefined) throw notFound('movie')
  const { organizerId } = found
  const current = {
    title: found.title,
    synopsis: found.synopsis,
    durationMinutes: found.durationMinutes,
    rating: found.rating,
  }
  const changed = differences(current, { title, synopsis, durationMinutes, rating })
  if (changed === null) return
  await tx.orm.update(movies).set(changed.after).where(eq(movies.id, movieId))
  await recordChanges(tx, input, [{ organizerId, type: 'movie.updated', entityId: movieId, ...changed }])
}
