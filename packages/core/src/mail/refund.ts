import { formatMoney, type Minor } from '../domain/money.ts'
import { footerOf, greetingOf, occasionFacts } from './booking-blocks.ts'
import { setLetter } from './letter.ts'
import type { MailContent, MailedBooking } from './mailed-booking.ts'

/** Money goes back, and no other mail tells of it. */
export interface MailedRefund {
  readonly amount: Minor
  /** That of what was taken, which may be another than the booking's. */
  readonly currency: string
  /** The money changed hands outside of Boxoffice, and so it goes back. */
  readonly byHand: boolean
}

export function refundMail(booking: MailedBooking, refund: MailedRefund): MailContent {
  const { title, reference, status } = booking
  const sum = formatMoney(refund.amount, refund.currency)
  const { subject, heading, how } = refund.byHand ? toldByHand(sum) : toldOfProvider(sum)
  return setLetter({
    subject: `${subject}: ${title} (${reference})`,
    preview: `${heading}.`,
    heading,
    blocks: [
      { kind: 'paragraph', text: `${greetingOf(booking)} ${how}` },
      {
        kind: 'paragraph',
        text:
          status === 'cancelled'
            ? 'The booking it belongs to is cancelled.'
            : 'Your booking stays as it is: the tickets that you have are still valid.',
      },
      occasionFacts(booking),
    ],
    footer: footerOf(booking),
  })
}

const toldOfProvider = (sum: string) => ({
  subject: `${sum} refunded`,
  heading: `${sum} is on its way back to you`,
  how: `we have paid ${sum} back to where it came from. Until you see it there can take some days, depending on your bank.`,
})

/** Nobody but the organizer knows whether it has been handed over by now. */
const toldByHand = (sum: string) => ({
  subject: `${sum} to be paid back`,
  heading: `The organizer pays ${sum} back to you`,
  how: `the organizer pays ${sum} back to you by hand. You did not pay online, so nothing goes to a card or an account by itself: if you have not had it yet, ask the organizer.`,
})
