import type pg from 'pg'
import type { BookingRow } from '../bookings/queries/booking-view.ts'
import { findMoves, type Move } from './queries/find-moves.ts'
import { findTold } from './queries/find-told.ts'
import type { MailedBooking } from './mailed-booking.ts'
import { hasMoved, type MailedMove } from './move.ts'

/**
 * Returns the time and place before the move, as the buyer knows them; `null` if nothing has moved, or all has moved
 * back. It takes what earlier mails said, and not what the times of changes and mails suggest: a change has its time
 * before it is committed, and no mail sees it until then. What may have been said is said again rather than not at all.
 */
export async function mailedMove(
  pool: pg.Pool,
  mailId: string,
  booking: BookingRow,
  mailed: MailedBooking,
): Promise<MailedMove | null> {
  const [told, moves] = [await findTold(pool, mailId), await findMoves(pool, mailId)]
  const known = told.map(({ startsAt, venue, timeZone }) => ({ startsAt: new Date(startsAt), venue, timeZone }))
  // What it was when the booking was confirmed, or when a mail was sent that did not write down what it says.
  known.push(before(booking, moves))
  return known.find((one) => hasMoved(mailed, one)) ?? null
}

function before({ occasion }: BookingRow, moves: readonly Move[]): MailedMove {
  const first = (of: 'startsAt' | 'venue' | 'timeZone') => moves.find((move) => move[of] !== null)?.[of] ?? occasion[of]
  return { startsAt: new Date(first('startsAt')), timeZone: first('timeZone'), venue: first('venue') }
}
