import { NO_REASON } from '../domain/cancellation.ts'
import { eventTime } from '../tickets/event-time.ts'
import { footerOf, greetingOf, occasionFacts } from './booking-blocks.ts'
import { moneyOf } from './cancellation-money.ts'
import { type Block, setLetter } from './letter.ts'
import type { MailContent, MailedBooking, MailedCancellation } from './mailed-booking.ts'
import { plainWords } from './plain-words.ts'

/**
 * Returns the mail about a cancelled booking: why, and what happens with the money. It is all that the buyer gets: the
 * refund that belongs to it has no mail of its own.
 */
export function cancellationMail(booking: MailedBooking, cancellation: MailedCancellation): MailContent {
  const { title, reference, startsAt, timeZone } = booking
  const { calledOff } = cancellation
  const why = whyCancelled(booking, cancellation)
  const money = moneyOf(booking.currency, cancellation)
  const { day } = eventTime(startsAt, timeZone)
  return setLetter({
    subject: `Cancelled: ${title}${calledOff === null ? '' : ` on ${day}`} (${reference})`,
    preview: `${upperFirst(why)} ${money}`,
    heading: calledOff === null ? 'Your booking is cancelled' : `${title} is cancelled`,
    blocks: [
      { kind: 'paragraph', text: `${greetingOf(booking)} ${why}` },
      ...reasonGiven(calledOff),
      { kind: 'paragraph', text: money },
      occasionFacts(booking),
      { kind: 'note', text: 'Tickets of this booking are no longer valid.' },
    ],
    footer: footerOf(booking),
  })
}

function whyCancelled(
  { title, organizer, startsAt, timeZone }: MailedBooking,
  { reason, calledOff }: MailedCancellation,
): string {
  const by = organizer === '' ? '' : ` by its organizer, ${organizer}`
  if (calledOff !== null) {
    return `${title} on ${eventTime(startsAt, timeZone).day} has been cancelled${by}, and your booking with it. We are sorry.`
  }
  switch (reason) {
    case 'customer':
      return 'your booking was cancelled, as you asked.'
    case 'organizer':
      return organizer === ''
        ? 'the organizer had to cancel your booking. We are sorry.'
        : `the organizer, ${organizer}, had to cancel your booking. We are sorry.`
    case 'expired':
      return 'your booking was cancelled, for it was not paid in time.'
    case 'payment_failed':
      return 'your booking was cancelled, for its payment failed.'
    case null:
      return 'your booking was cancelled.'
  }
}

/**
 * Returns why the show was cancelled, if that is plain words. Reasons for cancelling a single booking are for the
 * audit.
 */
function reasonGiven(reason: string | null): Block[] {
  const words = reason === null || reason === NO_REASON ? null : plainWords(reason)
  return words === null ? [] : [{ kind: 'paragraph', text: `Reason: “${words}”` }]
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
