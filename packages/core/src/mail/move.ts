import { eventSpan, eventTime } from '../tickets/event-time.ts'
import { footerOf, greetingOf, occasionFacts } from './booking-blocks.ts'
import { setLetter } from './letter.ts'
import type { MailContent, MailedBooking } from './mailed-booking.ts'

/** Time and place that the buyer was told before. */
export interface MailedMove {
  readonly startsAt: Date
  readonly timeZone: string
  readonly venue: string
}

/**
 * Returns the mail about another time or place; new tickets are attached.
 *
 * @param recoveryPage where they are instead, if they are not attached
 */
export function moveMail(booking: MailedBooking, before: MailedMove, recoveryPage: string | null = null): MailContent {
  const { title, reference, startsAt, endsAt, timeZone, venue } = booking
  const moved = `${title} has moved ${fromTo(booking, before)}.`
  return setLetter({
    subject: `Moved: ${title} (${reference})`,
    preview: `${eventSpan(startsAt, endsAt, timeZone)}, ${venue}. Your booking stays as it is.`,
    heading: `${title} has moved`,
    blocks: [
      { kind: 'paragraph', text: `${greetingOf(booking)} please note: ${moved}` },
      {
        kind: 'paragraph',
        text:
          recoveryPage === null
            ? 'Your booking does not change. Tickets with the new time and place are attached as a PDF; your earlier tickets are still valid.'
            : `Your booking does not change, and your tickets are still valid. To get tickets with the new time and place, request a link at ${recoveryPage} with the reference ${reference} and this e-mail address.`,
      },
      occasionFacts(booking),
    ],
    footer: footerOf(booking),
  })
}

/** Returns whether there is anything to say: something may have moved, and moved back. */
export function hasMoved(booking: MailedBooking, before: MailedMove): boolean {
  return timeHasMoved(booking, before) || booking.venue !== before.venue
}

function timeHasMoved({ startsAt, timeZone }: MailedBooking, before: MailedMove): boolean {
  return startsAt.getTime() !== before.startsAt.getTime() || timeZone !== before.timeZone
}

function fromTo(booking: MailedBooking, before: MailedMove): string {
  const time = ({ startsAt, timeZone }: MailedMove) => {
    const { text, zone } = eventTime(startsAt, timeZone)
    return `${text} ${zone}`
  }
  const places = booking.venue === before.venue ? '' : `from ${before.venue} to ${booking.venue}`
  if (!timeHasMoved(booking, before)) return places
  const times = `from ${time(before)} to ${time(booking)}`
  return places === '' ? times : `${times}, and ${places}`
}
