import { footerOf, greetingOf, occasionFacts } from './booking-blocks.ts'
import { setLetter } from './letter.ts'
import type { MailContent, MailedBooking } from './mailed-booking.ts'

/** Returns the mail with the link that somebody asked for. `link` gives access to the booking, for an hour. */
export function recoveryMail(booking: MailedBooking, link: string): MailContent {
  const { title, reference } = booking
  return setLetter({
    subject: `Your link to booking ${reference}`,
    preview: `${title}: the link is good for an hour.`,
    heading: 'Your link to your booking',
    blocks: [
      {
        kind: 'paragraph',
        text: `${greetingOf(booking)} here is the link to your booking and its tickets. It is good for one hour; after that, ask for a new one.`,
      },
      { kind: 'action', label: 'Show my booking', url: link },
      occasionFacts(booking),
      {
        kind: 'note',
        text: 'Anybody with the link can use your booking, so do not forward this mail. If you did not request it, you need not do anything: only you received the link.',
      },
    ],
    footer: footerOf(booking),
  })
}
