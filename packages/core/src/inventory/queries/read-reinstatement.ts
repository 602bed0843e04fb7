import type { BookingRequest } from '../../domain/booking-request.ts'
import type { Wish } from '../../domain/wish.ts'
import { run, type Transaction } from '../../db/transaction.ts'

interface Row {
  readonly acceptedAt: number
  readonly customerKeys: string[]
  readonly promoCode: string | null
  readonly promoTickets: number
  readonly seller: 'house' | null
  readonly seats: Wish['seats'] | null
  readonly areas: Wish['areas'] | null
  readonly tickets: Wish['tickets'] | null
}

const READ = {
  name: 'read-reinstatement',
  text: `
    select (extract(epoch from q.accepted_at) * 1000)::float8 as "acceptedAt", b.customer_keys as "customerKeys",
      p.code as "promoCode", b.promo_tickets as "promoTickets", q.payload->>'seller' as seller,
      (select json_agg(json_build_object('label', seat_label, 'rate', rate) order by position)
        from booking_items where booking_id = b.id and seat_label is not null) as seats,
      (select json_agg(json_build_object('area', area_label, 'quantity', quantity, 'rate', rate) order by position)
        from booking_items where booking_id = b.id and area_label is not null) as areas,
      (select json_agg(json_build_object('ticketTypeId', ticket_type_id, 'quantity', quantity) order by position)
        from booking_items where booking_id = b.id and ticket_type_id is not null) as tickets
    from bookings b
    join booking_requests q on q.id = b.request_id
    left join promo_codes p on p.id = b.promo_code_id
    where b.id = $1`,
}

export interface Reinstatement {
  readonly request: Omit<BookingRequest, 'resourceId' | 'expectedTotal'>
  /** Places that its promo code was for when it was booked. */
  readonly promoTickets: number
}

/** Returns what a booking's request asked for, from its items, to be decided again. */
export async function readReinstatement(tx: Transaction, bookingId: string): Promise<Reinstatement> {
  const [row] = await run<Row & Record<string, unknown>>(tx.client, READ, [bookingId])
  if (row === undefined) throw new Error(`booking ${bookingId} has no request`)
  const { seats, areas, tickets, acceptedAt, customerKeys, promoCode, promoTickets, seller } = row
  const wish = { seats: seats ?? [], areas: areas ?? [], tickets: tickets ?? [], best: null }
  const request = {
    id: bookingId,
    seq: 0,
    wishes: [wish],
    promoCode,
    customerKeys,
    seller: seller ?? 'public',
    blockId: null,
    holdUntil: null,
    acceptedAt,
  } as const
  return { request, promoTickets }
}
