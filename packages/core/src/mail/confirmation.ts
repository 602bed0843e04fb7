import { eventSpan } from '../tickets/event-time.ts'
import { footerOf, greetingOf, occasionFacts, priceTable } from './booking-blocks.ts'
import { setLetter } from './letter.ts'
import type { MailContent, MailedBooking, MailLinks } from './mailed-booking.ts'

/** The booking is confirmed; its tickets are attached. */
export function confirmationMail(booking: MailedBooking, { recoveryPage }: MailLinks): MailContent {
  const { title, reference, venue, startsAt, endsAt, timeZone } = booking
  const count = booking.lines.reduce((sum, { quantity }) => sum + quantity, 0)
  const tickets = count === 1 ? 'Your ticket is' : `Your ${count} tickets are`
  return setLetter({
    subject: `Your tickets for ${title} (${reference})`,
    preview: `${eventSpan(startsAt, endsAt, timeZone)}, ${venue}. ${tickets} attached.`,
    heading: 'Your booking is confirmed',
    blocks: [
      {
        kind: 'paragraph',
        text: `${greetingOf(booking)} thank you for your booking. ${tickets} attached to this mail as a PDF: show the code at the entrance, on your telephone or on paper.`,
      },
      occasionFacts(booking),
      priceTable(booking),
      {
        kind: 'note',
        text: `Lost this mail? With the reference ${reference} and this e-mail address you get a new link to your tickets at`,
        url: recoveryPage,
      },
    ],
    footer: footerOf(booking),
  })
}
