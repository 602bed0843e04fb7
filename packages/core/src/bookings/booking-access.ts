import type { BookingIdentity } from './queries/lock-bookings.ts'
import type { Caller } from '../access/tokens.ts'
import { notFound, Problem } from '../use-case/problem.ts'

/** What a caller is to a booking. A caller may be several things at once. */
export interface Relation {
  readonly owner: boolean
  /** Staff or organizer of the booking's organizer, or admin. */
  readonly staff: boolean
  /** Organizer of the booking's organizer, or admin. */
  readonly organizer: boolean
}

export type BookingRight = keyof Relation

function relationTo(booking: Pick<BookingIdentity, 'id' | 'owner' | 'organizerId'>, caller: Caller): Relation {
  const admin = caller.role === 'admin'
  const own = caller.organizerId === booking.organizerId
  return {
    // Who has recovered a booking is its owner, and nothing else.
    owner: caller.bookingId === null ? caller.subject === booking.owner : caller.bookingId === booking.id,
    staff: admin || (own && (caller.role === 'staff' || caller.role === 'organizer')),
    organizer: admin || (own && caller.role === 'organizer'),
  }
}

/**
 * Lets pass who has one of the rights. Throws Problem `not_found` for whom the booking does not exist, and `forbidden`
 * for those who may see it.
 */
export function requireRight(
  booking: Pick<BookingIdentity, 'id' | 'owner' | 'organizerId'>,
  caller: Caller,
  ...rights: readonly BookingRight[]
): Relation {
  const relation = relationTo(booking, caller)
  if (!relation.owner && !relation.staff) throw notFound('booking')
  if (!rights.some((right) => relation[right]))
    throw new Problem('forbidden', { detail: `This is for ${rights.map(named).join(' or ')}.` })
  return relation
}

function named(right: BookingRight): string {
  switch (right) {
    case 'owner':
      return 'who made the booking'
    case 'staff':
      return "the organizer's staff"
    case 'organizer':
      return 'the organizer'
  }
}
