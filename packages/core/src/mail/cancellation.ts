import { formatMoney } from '../domain/money.ts'
import { footerOf, greetingOf, occasionFacts } from './booking-blocks.ts'
import { setLetter } from './letter.ts'
import type { MailContent, MailedBooking } from './mailed-booking.ts'

/** The booking is cancelled: why, and what happens with the money. */
export function cancellationMail(booking: MailedBooking): MailContent {
  const { title, reference } = booking
  return setLetter({
    subject: `Cancelled: ${title} (${reference})`,
    preview: `${whyCancelled(booking)} ${whatOfTheMoney(booking)}`,
    heading: 'Your booking is cancelled',
    blocks: [
      { kind: 'paragraph', text: `${greetingOf(booking)} ${lowerFirst(whyCancelled(booking))}` },
      { kind: 'paragraph', text: whatOfTheMoney(booking) },
      occasionFacts(booking),
      { kind: 'note', text: 'Tickets of this booking are no longer valid.' },
    ],
    footer: footerOf(booking),
  })
}

function whyCancelled({ cancelReason, organizer }: MailedBooking): string {
  switch (cancelReason) {
    case 'customer':
      return 'Your booking was cancelled, as you asked.'
    case 'organizer':
      return organizer === ''
        ? 'The organizer had to cancel your booking. We are sorry.'
        : `The organizer, ${organizer}, had to cancel your booking. We are sorry.`
    case 'expired':
      return 'Your booking was cancelled, for it was not paid in time.'
    case 'payment_failed':
      return 'Your booking was cancelled, for its payment failed.'
    case null:
      return 'Your booking was cancelled.'
  }
}

function whatOfTheMoney({ currency, paid, returned, refundFailed }: MailedBooking): string {
  const money = (amount: number) => formatMoney(amount, currency)
  if (paid === 0) return 'You were not charged, so there is nothing to pay back.'
  if (refundFailed) {
    return `You paid ${money(paid)}. Paying it back did not work at once; the organizer knows, and will see to it.`
  }
  if (returned === 0) return `By the terms of this booking, nothing of the ${money(paid)} that you paid is paid back.`
  const share = returned >= paid ? ', all that you paid,' : ` of the ${money(paid)} that you paid`
  return `${money(returned)}${share} goes back to where it came from. This can take some days; another mail tells you once it is on its way.`
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
