import type { MailedBooking, MailedCancellation, MailedItem } from '@boxoffice/core/mail/mailed-booking.ts'

/** Returns a confirmed booking of two kinds of seats with a discount, with some fields replaced. */
export const mailedBooking = (changes: Partial<MailedBooking> = {}): MailedBooking => ({
  reference: 'K7QXM2PA',
  status: 'confirmed',
  heldUntil: null,
  buyer: 'Ada Lovelace',
  organizer: 'Farol Cinema',
  contact: null,
  title: 'The Lighthouse Keepers',
  venue: 'Farol Cinema',
  address: 'Rua da Praia 12, 1200-001 Lisboa',
  auditorium: 'Grande Sala',
  startsAt: new Date('2026-11-27T20:00:00Z'),
  endsAt: new Date('2026-11-27T22:10:00Z'),
  timeZone: 'Europe/Lisbon',
  currency: 'EUR',
  items: [seatItem('Premium', ['E5', 'E6'], 1450), seatItem('Standard', ['A1'], 1000)],
  promoCode: null,
  discount: 390,
  fee: 105,
  total: 3615,
  ...changes,
})

/**
 * Returns a cancellation by the organizer of a booking that was paid online and is refunded in full, with some fields
 * replaced.
 */
export const mailedCancellation = (changes: Partial<MailedCancellation> = {}): MailedCancellation => ({
  reason: 'organizer',
  calledOff: null,
  paid: 3615,
  fee: 105,
  returnedBefore: 0,
  returned: 3615,
  refundFailed: false,
  byHand: false,
  ...changes,
})

/** Returns seats of one category, with labels such as `E5`. */
export function seatItem(name: string, labels: readonly string[], unitPrice: number): MailedItem {
  const seats = labels.map((seat) => {
    const [, row = null, number = null] = /^(\D+)(\d+)$/s.exec(seat) ?? []
    return { seat, section: null, row, number }
  })
  return { name, seats, area: null, rate: null, quantity: labels.length, unitPrice }
}
