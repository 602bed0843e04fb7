import { formatMoney, type Minor } from '../domain/money/money.ts'
import type { MailedCancellation } from './mailed-booking.ts'

/** Returns sentences about the money of this cancellation: what is refunded, how, and what is kept. */
export function moneyOf(currency: string, cancellation: MailedCancellation): string {
  const { paid, returnedBefore, returned, refundFailed, reason } = cancellation
  const money = (amount: Minor) => formatMoney(amount, currency)
  const left = paid - returnedBefore
  if (paid === 0) return 'You were not charged, so nothing is refunded.'
  if (left <= 0) return `You paid ${money(paid)}, which was refunded before.`

  const before =
    returnedBefore === 0 ? '' : `You paid ${money(paid)}, of which ${money(returnedBefore)} was refunded before. `
  if (refundFailed) {
    const [due, of] = returnedBefore === 0 ? [`You paid ${money(paid)}.`, 'it'] : ['', 'the rest']
    return `${before}${due} Refunding ${of} did not succeed at once. The organizer knows and will take care of it.`.trim()
  }
  const terms = reason === 'organizer' ? 'As the organizer decided' : 'By the terms of this booking'
  if (returned === 0) {
    const nothing =
      returnedBefore === 0 ? `nothing of the ${money(paid)} that you paid` : `nothing of the other ${money(left)}`
    return `${before}${terms}, ${nothing} is refunded.`
  }
  return [`${before}${sumThatGoesBack(cancellation, left, money)}`, ...kept(cancellation, left, money)].join(' ')
}

function sumThatGoesBack(
  { paid, returnedBefore, returned, byHand }: MailedCancellation,
  left: Minor,
  money: (amount: Minor) => string,
): string {
  const isRest = returned >= left
  const [first, sum] =
    returnedBefore === 0
      ? [
          '',
          isRest ? `${money(returned)}, all that you paid,` : `${money(returned)} of the ${money(paid)} that you paid`,
        ]
      : [isRest ? 'Now ' : 'Of the rest, ', isRest ? `the rest, ${money(returned)},` : money(returned)]
  if (byHand) {
    return `${first}${sum} is refunded to you by the organizer, by hand: you did not pay online, so nothing goes to a card or an account automatically.`
  }
  return `${first}${sum} is refunded to your payment method. It can take some days to appear, depending on your bank.`
}

/** Returns why some of it is kept; if a buyer's cancellation keeps as much as the fee, it is the fee. */
function kept(
  { reason, returned, fee }: MailedCancellation,
  left: Minor,
  money: (amount: Minor) => string,
): readonly string[] {
  const amount = left - returned
  if (amount <= 0) return []
  if (amount === fee) return [`The booking fee of ${money(fee)} is not refunded.`]
  const whose = reason === 'organizer' ? 'as the organizer decided' : 'by the terms of this booking'
  return [`The other ${money(amount)} is not refunded, ${whose}.`]
}
