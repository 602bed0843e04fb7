import type { Transaction } from '../db/transaction.ts'
import { notFound } from '../use-case/problem.ts'

/**
 * Things that another organizer owns do not exist for this one. Read without locks: nothing in the catalogue is ever deleted
 * or moved to another organizer.
 */
const OWNED = {
  organizer: 'organizers where id = $1 and id = $2',
  venue: 'venues where id = $1 and organizer_id = $2',
  movie: 'movies where id = $1 and organizer_id = $2',
  auditorium: 'auditoriums a join venues v on v.id = a.venue_id where a.id = $1 and v.organizer_id = $2',
} as const

/**
 * Refuses a thing that is not the organizer's.
 *
 * @throws Problem `not_found`
 */
export async function requireOwned(
  tx: Transaction,
  noun: keyof typeof OWNED,
  organizerId: string,
  id: string,
): Promise<void> {
  const { rowCount } = await tx.client.query(`select from ${OWNED[noun]}`, [id, organizerId])
  if (rowCount === 0) throw notFound(noun)
}

/**
 * Refuses an organizer that does not exist.
 *
 * @throws Problem `not_found`
 */
export const requireOrganizer = (tx: Transaction, organizerId: string): Promise<void> =>
  requireOwned(tx, 'organizer', organizerId, organizerId)
