import { and, eq } from '../db/drizzle.ts'
import { auditoriums, movies, organizers, venues } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { notFound } from '../use-case/problem.ts'

/**
 * What another organizer owns does not exist for this one. Read without locks: nothing in the catalogue is ever deleted
 * or moved to another organizer.
 */

/** @throws Problem `not_found` */
export async function requireOrganizer(tx: Transaction, organizerId: string): Promise<void> {
  const found = await tx.orm.select({ id: organizers.id }).from(organizers).where(eq(organizers.id, organizerId))
  if (found.length === 0) throw notFound('organizer')
}

/** @throws Problem `not_found` */
export async function requireVenue(tx: Transaction, organizerId: string, venueId: string): Promise<void> {
  const found = await tx.orm
    .select({ id: venues.id })
    .from(venues)
    .where(and(eq(venues.id, venueId), eq(venues.organizerId, organizerId)))
  if (found.length === 0) throw notFound('venue')
}

/** @throws Problem `not_found` */
export async function requireAuditorium(tx: Transaction, organizerId: string, auditoriumId: string): Promise<void> {
  const found = await tx.orm
    .select({ id: auditoriums.id })
    .from(auditoriums)
    .innerJoin(venues, eq(venues.id, auditoriums.venueId))
    .where(and(eq(auditoriums.id, auditoriumId), eq(venues.organizerId, organizerId)))
  if (found.length === 0) throw notFound('auditorium')
}

/** @throws Problem `not_found` */
export async function requireMovie(tx: Transaction, organizerId: string, movieId: string): Promise<void> {
  const found = await tx.orm
    .select({ id: movies.id })
    .from(movies)
    .where(and(eq(movies.id, movieId), eq(movies.organizerId, organizerId)))
  if (found.length === 0) throw notFound('movie')
}
