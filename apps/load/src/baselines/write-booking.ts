import type { DecisionRows, ItemRow } from '@boxoffice/core/booking-requests/queries/write-decisions.ts'
import { run, type Statement, type Transaction } from '@boxoffice/core/db/transaction.ts'
import type { BaselineRequest } from './booking-body.ts'

/*
 * The product's writes for one booking: the same tables and columns, without the line's own (`booking_requests`,
 * `lines`). One prepared statement a table, its rows as arrays, the way such a service is usually written.
 */

const AUDIT: Statement = {
  name: 'write-audit',
  text: `insert into audit (id, at, organizer_id, actor, action, entity, entity_id, after, request_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
}

const OUTBOX: Statement = {
  name: 'write-outbox',
  text: `insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload) values ($1, $2, $3, $4, $5, 1, $6)`,
}

const BOOKING: Statement = {
  name: 'write-booking',
  text: `insert into bookings (id, reference, request_id, resource_id, organizer_id, owner, customer_name, customer_email,
      customer_phone, customer_keys, status, payment_status, currency, subtotal, discount, fee, total, promo_code_id,
      expires_at, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20)`,
}

const ITEMS: Statement = {
  name: 'write-items',
  text: `insert into booking_items (booking_id, position, seat_label, category_id, ticket_type_id, quantity, unit_price, discount)
    select $1, * from unnest($2::int[], $3::text[], $4::uuid[], $5::uuid[], $6::int[], $7::bigint[], $8::bigint[])`,
}

const ALLOCATIONS: Statement = {
  name: 'write-allocations',
  text: `insert into seat_allocations (showtime_id, seat_label, booking_id) select $1, seat, $2 from unnest($3::text[]) as n(seat)`,
}

const SOLD: Statement = {
  name: 'write-sold',
  text: 'update ticket_type_state set sold = sold + $2 where ticket_type_id = $1',
}

const TICKETS: Statement = {
  name: 'write-tickets',
  text: `insert into tickets (id, booking_id, resource_id, ordinal, seat_label, ticket_type_id)
    select id, $1, $2, ordinal, seat, ticket_type_id
    from unnest($3::uuid[], $4::int[], $5::text[], $6::uuid[]) as n(id, ordinal, seat, ticket_type_id)`,
}

const VERSION: Statement = {
  name: 'write-version',
  text: 'update resource_state set version = version + 1 where resource_id = $1',
}

/** Writes the rows of one decision; `at` is RFC 3339. Needs the lock of the resource's state row. */
export async function writeBooking(
  tx: Transaction,
  at: string,
  organizerId: string | null,
  request: BaselineRequest,
  outcome: DecisionRows['outcomes'][number],
  { items, sold, redeemed, soldToCustomers, redeemedByCustomers }: DecisionRows,
): Promise<void> {
  if (redeemed.length + soldToCustomers.length + redeemedByCustomers.length > 0) {
    throw new Error('the baselines know neither promo codes nor limits per customer')
  }
  const write = (statement: Statement, values: unknown[]) => run(tx.client, statement, values)
  const { recordId, refusal, booking } = outcome
  const { id: requestId, resourceId, owner, customer, customerKeys } = request

  if (booking === null) {
    if (recordId === null) return
    const facts = JSON.stringify({ resourceId, code: refusal?.code })
    const action = 'booking_request.refused'
    await write(AUDIT, [recordId, at, organizerId, owner, action, 'booking_request', requestId, facts, requestId])
    await write(OUTBOX, [recordId, at, organizerId, action, requestId, facts])
    return
  }
  const { bookingId, reference, status, currency, total } = booking
  await write(BOOKING, [
    bookingId,
    reference,
    requestId,
    resourceId,
    organizerId,
    owner,
    customer.name,
    customer.email,
    customer.phone,
    customerKeys,
    status,
    booking.paymentStatus,
    currency,
    booking.subtotal,
    booking.discount,
    booking.fee,
    total,
    booking.promoCodeId,
    booking.expiresAt,
    at,
  ])
  const column = <Key extends keyof ItemRow>(key: Key) => items.map((item) => item[key])
  await write(ITEMS, [
    bookingId,
    column('position'),
    column('seat'),
    column('categoryId'),
    column('ticketTypeId'),
    column('quantity'),
    column('unitPrice'),
    column('discount'),
  ])
  const seats = column('seat').filter((seat) => seat !== null)
  if (seats.length > 0) await write(ALLOCATIONS, [resourceId, bookingId, seats])
  for (const { id, count } of sold) await write(SOLD, [id, count])
  const tickets = items.flatMap(({ ticketIds, firstTicket, seat, ticketTypeId }) =>
    ticketIds.map((id, index) => ({ id, ordinal: firstTicket + index, seat, ticketTypeId })),
  )
  if (tickets.length > 0)
    await write(TICKETS, [
      bookingId,
      resourceId,
      tickets.map((ticket) => ticket.id),
      tickets.map((ticket) => ticket.ordinal),
      tickets.map((ticket) => ticket.seat),
      tickets.map((ticket) => ticket.ticketTypeId),
    ])
  const facts = JSON.stringify({ reference, resourceId, status, currency, total })
  await write(AUDIT, [recordId, at, organizerId, owner, 'booking.created', 'booking', bookingId, facts, requestId])
  await write(OUTBOX, [recordId, at, organizerId, 'booking.created', bookingId, facts])
  await write(VERSION, [resourceId])
}
