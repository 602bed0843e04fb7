import type { BookingRow, ItemView } from '../bookings/queries/booking-view.ts'
import type { Seller } from '../bookings/queries/find-seller.ts'
import type { MailedBooking, MailedItem } from './mailed-booking.ts'

/** Returns a booking as mail describes it now. */
export function mailedBooking(row: BookingRow, seller: Seller, promoCode: string | null): MailedBooking {
  const { title, venue, address, auditorium, timeZone, startsAt, endsAt } = row.occasion
  return {
    reference: row.reference,
    status: row.status,
    heldUntil: row.status === 'pending' ? row.expiresAt : null,
    buyer: row.customerName,
    organizer: seller.name,
    contact: seller.contact,
    title,
    venue,
    address,
    auditorium,
    startsAt: new Date(startsAt),
    endsAt: new Date(endsAt),
    timeZone,
    currency: row.currency,
    items: groupItems(row.items),
    promoCode,
    discount: row.discount,
    fee: row.fee,
    total: row.total,
  }
}

/** Seats are items of their own: those of one category and rate at one price are told together. */
export function groupItems(items: readonly ItemView[]): MailedItem[] {
  const groups = new Map<string, MailedItem>()
  for (const {
    name,
    seat,
    section,
    row,
    number,
    area,
    rateName,
    categoryId,
    ticketTypeId,
    quantity,
    unitPrice,
  } of items) {
    const key = JSON.stringify([categoryId ?? ticketTypeId, area, rateName, unitPrice])
    const group = groups.get(key)
    groups.set(key, {
      name,
      seats: [...(group?.seats ?? []), ...(seat === null ? [] : [{ seat, section, row, number }])],
      area,
      rate: rateName,
      quantity: (group?.quantity ?? 0) + quantity,
      unitPrice,
    })
  }
  return [...groups.values()]
}
