import type { BookingRequest } from '../../domain/booking-request.ts'
import { run, type Transaction } from '../../db/transaction.ts'

interface Row {
  readonly acceptedAt: number
  readonly customerKeys: string[]
  readonly promoCode: string | null
  readonly seats: string[] | null
  readonly tickets: { readonly ticketTypeId: string; readonly quantity: number }[] | null
}

const READ = {
  name: 'read-reinstatement',
  text: `
    select (extract(epoch from q.accepted_at) * 1000)::float8 as "acceptedAt", b.customer_keys as "customerKeys",
      p.code as "promoCode",
      (select array_agg(seat_label order by position) from booking_items
        where booking_id = b.id and seat_label is not null) as seats,
      (select json_agg(json_build_object('ticketTypeId', ticket_type_id, 'quantity', quantity) order by position)
        from booking_items where booking_id = b.id and ticket_type_id is not null) as tickets
    from bookings b
    join booking_requests q on q.id = b.request_id
    left join promo_codes p on p.id = b.promo_code_id
    where b.id = $1`,
}

/** Returns what a booking's request asked for, from its items, to be decided again. */
export async function readReinstatement(
  tx: Transaction,
  bookingId: string,
): Promise<Omit<BookingRequest, 'resourceId' | 'expectedTotal'>> {
  const [row] = await run<Row & Record<string, unknown>>(tx.client, READ, [bookingId])
  if (row === undefined) throw new Error(`booking ${bookingId} has no request`)
  const { seats, tickets, acceptedAt, customerKeys, promoCode } = row
  const selection =
    seats === null ? { kind: 'event' as const, tickets: tickets ?? [] } : { kind: 'showtime' as const, seats }
  return { id: bookingId, seq: 0, selection, promoCode, customerKeys, acceptedAt }
}
