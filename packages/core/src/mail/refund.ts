import { formatMoney, type Minor } from '../domain/money.ts'
import { footerOf, greetingOf, occasionFacts } from './booking-blocks.ts'
import { setLetter } from './letter.ts'
import type { MailContent, MailedBooking } from './mailed-booking.ts'

/** Money went back. */
export interface MailedRefund {
  readonly amount: Minor
  /** That of what was taken, which may be another than the booking's. */
  readonly currency: string
}

export function refundMail(booking: MailedBooking, refund: MailedRefund): MailContent {
  const { title, reference, status } = booking
  const sum = formatMoney(refund.amount, refund.currency)
  const isGone = status === 'cancelled'
  return setLetter({
    subject: `${sum} refunded: ${title} (${reference})`,
    preview: `${sum} are on their way back to you.`,
    heading: `${sum} are on their way back`,
    blocks: [
      {
        kind: 'paragraph',
        text: `${greetingOf(booking)} we have paid ${sum} back to where it came from. Until you see it there can take some days, depending on your bank.`,
      },
      {
        kind: 'paragraph',
        text: isGone
          ? 'The booking it belongs to is cancelled.'
          : 'Your booking stays as it is: the tickets that you have are still valid.',
      },
      occasionFacts(booking),
    ],
    footer: footerOf(booking),
  })
}
