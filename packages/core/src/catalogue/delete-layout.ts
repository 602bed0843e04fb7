/**
 * Deleting a version of an auditorium's seating that no showtime uses.
 *
 * Keeps: the layout of a showtime or event stays, with all of its seats (trigger `seats_go_with_an_unused_layout`). The latest version
 * stays too, so that its number is not given a second time, and what new showtimes use is always there.
 * Locks: the auditorium, then the layout FOR UPDATE. Whoever puts a showtime on a layout holds it FOR KEY SHARE, so one of
 * the two waits for the other and then sees what it did.
 */
import { countShowtimesOf, deleteSeating, lockLayout } from './queries/delete-seating.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { lockThing } from './plain-thing.ts'
import { auditoriums } from './plain-things.ts'
import { notFound, Problem } from '../use-case/problem.ts'

export interface DeleteLayout extends Cause {
  readonly auditoriumId: string
  /** The organizer it must belong to; `null`, for admins, is any. */
  readonly organizerId: string | null
  readonly version: number
}

/**
 * Deletes a version of the seating.
 *
 * @throws Problem `not_found`, `layout_in_use`
 */
export async function deleteLayout(tx: Transaction, input: DeleteLayout): Promise<void> {
  const { auditoriumId, version } = input
  const { organizerId } = await lockThing(tx, auditoriums, auditoriumId, input.organizerId)
  const layout = await lockLayout(tx.client, auditoriumId, version)
  if (layout === null) throw notFound('version of the seating')
  if (layout.isLatest) {
    const detail = 'The latest version is what new showtimes use. Import another one first.'
    throw new Problem('layout_in_use', { detail, facts: { showtimes: 0 } })
  }
  // Counted after the wait for the lock, by a statement of its own: one that had begun before would not see them.
  const showtimes = await countShowtimesOf(tx.client, layout.id)
  if (showtimes > 0) {
    const detail = `${showtimes} ${showtimes === 1 ? 'showtime or event uses' : 'showtimes or events use'} this version of the seating.`
    throw new Problem('layout_in_use', { detail, facts: { showtimes } })
  }
  await deleteSeating(tx.client, layout.id)
  await recordChanges(tx, input, [
    { organizerId, type: 'layout.deleted', entityId: layout.id, before: { auditoriumId, version }, after: null },
  ])
}
