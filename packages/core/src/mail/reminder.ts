import { formatMoney } from '../domain/money/money.ts'
import { eventTime } from '../tickets/event-time.ts'
import { footerOf, greetingOf, occasionFacts, priceTable } from './booking-blocks.ts'
import { setLetter } from './letter.ts'
import type { MailContent, MailedBooking, MailLinks } from './mailed-booking.ts'

/** Returns the mail about places that are kept for the buyer, and soon no longer. The end is told as clocks at the venue show it. */
export function reminderMail(
  booking: MailedBooking & { readonly heldUntil: Date },
  { recoveryPage }: MailLinks,
): MailContent {
  const { title, reference, heldUntil, timeZone, organizer, total, currency } = booking
  const { text, zone } = eventTime(heldUntil, timeZone)
  const end = `${text} ${zone}`
  const seller = organizer === '' ? 'the organizer' : organizer
  return setLetter({
    subject: `Kept for you until ${text}: ${title} (${reference})`,
    preview: `Your places are kept until ${end}. Please pay ${formatMoney(total, currency)} before.`,
    heading: 'Your places are waiting for you',
    blocks: [
      {
        kind: 'paragraph',
        text: `${greetingOf(booking)} your places are kept until ${end}. Please pay ${formatMoney(total, currency)} before, where you booked or as agreed with ${seller}. After that they go back on sale.`,
      },
      occasionFacts(booking),
      priceTable(booking),
      {
        kind: 'note',
        text: `Already paid? Then a payment is on its way, and you need not do anything. To see your booking, ask for a link with the reference ${reference} and this e-mail address, at`,
        url: recoveryPage,
      },
    ],
    footer: footerOf(booking),
  })
}
