import { formatMoney, type Minor } from '../domain/money/money.ts'
import { eventTime } from '../tickets/event-time.ts'
import { footerOf, greetingOf, occasionFacts } from './booking-blocks.ts'
import { setLetter } from './letter.ts'
import type { MailContent, MailedBooking } from './mailed-booking.ts'

/** Money goes back, and no other mail tells of it. */
export interface MailedRefund {
  readonly amount: Minor
  /** Currency of what was taken, which may differ from the booking's. */
  readonly currency: string
  /** The money changed hands outside of Boxoffice, and so it goes back. */
  readonly byHand: boolean
}

export function refundMail(booking: MailedBooking, refund: MailedRefund): MailContent {
  const { title, reference } = booking
  const sum = formatMoney(refund.amount, refund.currency)
  const { subject, heading, how } = refund.byHand ? toldByHand(sum) : toldOfProvider(sum)
  return setLetter({
    subject: `${subject}: ${title} (${reference})`,
    preview: `${heading}.`,
    heading,
    blocks: [
      { kind: 'paragraph', text: `${greetingOf(booking)} ${how}` },
      { kind: 'paragraph', text: standingOf(booking) },
      occasionFacts(booking),
    ],
    footer: footerOf(booking),
  })
}

/**
 * Returns what the refund means for the booking: whether its tickets are valid, and until when it may still be paid.
 */
function standingOf({ status, heldUntil, timeZone }: MailedBooking): string {
  switch (status) {
    case 'pending': {
      if (heldUntil === null) return 'The booking is not paid yet. It has tickets once it is paid.'
      const { text, zone } = eventTime(heldUntil, timeZone)
      return `The booking is not paid yet. It has tickets once it is paid. Its places are held for you until ${text} ${zone}.`
    }
    case 'confirmed':
      return 'Your booking does not change: your tickets are still valid.'
    case 'completed':
      return 'The booking was used, and it does not change.'
    case 'no_show':
      return 'The booking was closed because its tickets were not used: they are no longer valid.'
    case 'cancelled':
      return 'The booking is cancelled.'
  }
}

const toldOfProvider = (sum: string) => ({
  subject: `${sum} refunded`,
  heading: `${sum} is on its way back to you`,
  how: `we have refunded ${sum} to your payment method. It can take some days to appear, depending on your bank.`,
})

/** Returns the sentence about a refund by hand: only the organizer knows whether it has been handed over. */
const toldByHand = (sum: string) => ({
  subject: `${sum} to be refunded`,
  heading: `The organizer refunds ${sum} to you`,
  how: `the organizer refunds ${sum} by hand. You did not pay online, so nothing goes to a card or an account automatically. If you have not received it yet, ask the organizer.`,
})
