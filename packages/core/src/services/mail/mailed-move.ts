import type { BookingRow } from '../../db/queries/booking-view.ts'
import type { Move } from '../../db/queries/find-moves.ts'
import type { MailedBooking } from '../../mail/mailed-booking.ts'
import { hasMoved, type MailedMove } from '../../mail/move.ts'

/**
 * Where and when it was before; `null` where nothing has moved, or all has moved back. What the mail before may have told
 * of is told again rather than not at all.
 */
export function mailedMove({ occasion }: BookingRow, told: MailedBooking, moves: readonly Move[]): MailedMove | null {
  const before = (changes: readonly Move[]): MailedMove => {
    const first = (of: 'startsAt' | 'venue' | 'timeZone') =>
      changes.find((move) => move[of] !== null)?.[of] ?? occasion[of]
    return { startsAt: new Date(first('startsAt')), timeZone: first('timeZone'), venue: first('venue') }
  }
  const news = moves.filter(({ isNews }) => isNews)
  return [before(news), before(moves)].find((one) => hasMoved(told, one)) ?? null
}
