import { eventSpan } from '../tickets/event-time.ts'
import { footerOf, greetingOf, occasionFacts, priceTable } from './booking-blocks.ts'
import { setLetter } from './letter.ts'
import type { MailContent, MailedBooking, MailLinks } from './mailed-booking.ts'

/** Returns the mail about a confirmed booking; its tickets are attached, or on the recovery page. */
export function confirmationMail(
  booking: MailedBooking,
  { recoveryPage }: MailLinks,
  attached: boolean = true,
): MailContent {
  const { title, reference, venue, startsAt, endsAt, timeZone } = booking
  const count = booking.items.reduce((sum, { quantity }) => sum + quantity, 0)
  const tickets = count === 1 ? 'Your ticket is' : `Your ${count} tickets are`
  const where = attached
    ? `${tickets} attached to this mail as a PDF: show the code at the entrance, on your telephone or on paper.`
    : `${tickets} ready at ${recoveryPage}: ask there for a link with the reference ${reference} and this e-mail address, and show the codes at the entrance.`
  return setLetter({
    subject: `Your tickets for ${title} (${reference})`,
    preview: `${eventSpan(startsAt, endsAt, timeZone)}, ${venue}. ${attached ? `${tickets} attached.` : `${tickets} ready.`}`,
    heading: 'Your booking is confirmed',
    blocks: [
      {
        kind: 'paragraph',
        text: `${greetingOf(booking)} thank you for your booking. ${where}`,
      },
      occasionFacts(booking),
      priceTable(booking),
      {
        kind: 'note',
        text: `Lost this mail? Get a new link to your tickets, with the reference ${reference} and this e-mail address, at`,
        url: recoveryPage,
      },
    ],
    footer: footerOf(booking),
  })
}
