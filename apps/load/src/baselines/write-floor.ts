import { run, type Statement, type Transaction } from '@boxoffice/core/db/transaction.ts'
import type { FloorBooking } from './floor-bookings.ts'

/*
 * PostgreSQL floor: the rows of a batch of bookings, each of them written once and in its last state, as plain arrays. There
 * is one prepared statement a table. Nothing is read, nothing is looked up, and no row is changed but the counters.
 */

const REQUESTS: Statement = {
  name: 'floor-requests',
  text: `insert into booking_requests (id, seq, resource_id, owner, idempotency_key, body_hash, payload, customer_keys, state,
      accepted_at, decided_at, booking_id)
    select id, seq, resource_id, owner, key, body_hash, payload, array[owner_key, email_key], 'booked', $1::timestamptz,
      $1::timestamptz, booking_id
    from unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::bytea[], $8::jsonb[], $9::text[],
      $10::text[], $11::uuid[])
      as n(id, seq, resource_id, owner, key, body_hash, payload, owner_key, email_key, booking_id)`,
}

const BOOKINGS: Statement = {
  name: 'floor-bookings',
  text: `insert into bookings (id, reference, request_id, resource_id, organizer_id, owner, customer_name, customer_email,
      customer_keys, status, payment_status, currency, subtotal, discount, fee, total, expires_at, created_at, updated_at)
    select id, reference, request_id, resource_id, organizer_id, owner, name, email, array[owner_key, email_key],
      'pending', 'pending', 'EUR', subtotal, 0, fee, subtotal + fee, expires_at, $1::timestamptz, $1::timestamptz
    from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[],
      $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::timestamptz[])
      as n(id, reference, request_id, resource_id, organizer_id, owner, name, email, owner_key, email_key, subtotal, fee,
        expires_at)`,
}

const ITEMS: Statement = {
  name: 'floor-items',
  text: `insert into booking_items (booking_id, position, seat_label, category_id, ticket_type_id, quantity, unit_price, discount)
    select *, 0 from unnest($1::uuid[], $2::int[], $3::text[], $4::uuid[], $5::uuid[], $6::int[], $7::bigint[])`,
}

const ALLOCATIONS: Statement = {
  name: 'floor-allocations',
  text: `insert into seat_allocations (showtime_id, seat_label, booking_id)
    select * from unnest($1::uuid[], $2::text[], $3::uuid[])`,
}

const AUDIT: Statement = {
  name: 'floor-audit',
  text: `insert into audit (id, at, organizer_id, actor, action, entity, entity_id, after, request_id)
    select id, $1::timestamptz, organizer_id, owner, 'booking.created', 'booking', booking_id, facts, request_id
    from unnest($2::uuid[], $3::uuid[], $4::text[], $5::uuid[], $6::jsonb[], $7::text[])
      as n(id, organizer_id, owner, booking_id, facts, request_id)`,
}

const OUTBOX: Statement = {
  name: 'floor-outbox',
  text: `insert into outbox (id, at, organizer_id, type, entity_id, entity_seq, payload)
    select id, $1::timestamptz, organizer_id, 'booking.created', booking_id, 1, facts
    from unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::jsonb[]) as n(id, organizer_id, booking_id, facts)`,
}

const SOLD: Statement = {
  name: 'floor-sold',
  text: `update ticket_type_state s set sold = s.sold + n.count from unnest($1::uuid[], $2::int[]) as n(id, count)
    where s.ticket_type_id = any (array[n.id])`,
}

const PROGRESS: Statement = {
  name: 'floor-progress',
  text: `update resource_state s set watermark = n.watermark, decided_at = $1, version = s.version + 1, changed_at = $1
    from unnest($2::uuid[], $3::bigint[]) as n(id, watermark) where s.resource_id = any (array[n.id])`,
}

/** Writes a batch of bookings, made in the order of their lines. Nobody else may write into those. */
export async function writeFloor(tx: Transaction, bookings: readonly FloorBooking[]): Promise<void> {
  const at = new Date().toISOString()
  const write = (statement: Statement, ...values: unknown[]) => run(tx.client, statement, values)
  const column = <Key extends keyof FloorBooking>(key: Key) => bookings.map((booking) => booking[key])
  const id = column('id')
  const keys = [column('ownerKey'), column('emailKey')]
  const [requestId, resourceId, organizerId] = [column('requestId'), column('resourceId'), column('organizerId')]
  const [owner, recordId, facts] = [column('owner'), column('recordId'), column('facts')]
  const [key, bodyHash, payload] = [column('idempotencyKey'), column('bodyHash'), column('payload')]
  await write(REQUESTS, at, requestId, column('seq'), resourceId, owner, key, bodyHash, payload, ...keys, id)
  const customer = [owner, column('customerName'), column('customerEmail'), ...keys]
  const terms = [column('subtotal'), column('fee'), column('expiresAt')]
  await write(BOOKINGS, at, id, column('reference'), requestId, resourceId, organizerId, ...customer, ...terms)
  await writePlaces(write, bookings)
  await write(AUDIT, at, recordId, organizerId, owner, id, facts, requestId)
  await write(OUTBOX, at, recordId, organizerId, id, facts)
  const watermarks = new Map(bookings.map((booking) => [booking.resourceId, booking.seq]))
  await write(PROGRESS, at, [...watermarks.keys()], [...watermarks.values()])
}

async function writePlaces(
  write: (statement: Statement, ...values: unknown[]) => Promise<unknown>,
  bookings: readonly FloorBooking[],
): Promise<void> {
  const items = bookings.flatMap(({ items: own, id, resourceId, categoryId, ticketTypeId, price }) =>
    own.map((item) => ({ ...item, bookingId: id, resourceId, categoryId, ticketTypeId, price })),
  )
  const column = <Key extends keyof (typeof items)[number]>(key: Key) => items.map((item) => item[key])
  const kinds = [column('categoryId'), column('ticketTypeId')]
  await write(
    ITEMS,
    column('bookingId'),
    column('position'),
    column('seat'),
    ...kinds,
    column('quantity'),
    column('price'),
  )
  const seated = items.filter(({ seat }) => seat !== null)
  if (seated.length > 0) {
    const [showtimes, seats] = [seated.map((item) => item.resourceId), seated.map(({ seat }) => seat)]
    await write(
      ALLOCATIONS,
      showtimes,
      seats,
      seated.map((item) => item.bookingId),
    )
  }
  const sold = new Map<string, number>()
  for (const { ticketTypeId, quantity } of items) {
    if (ticketTypeId !== null) sold.set(ticketTypeId, (sold.get(ticketTypeId) ?? 0) + quantity)
  }
  if (sold.size > 0) await write(SOLD, [...sold.keys()], [...sold.values()])
}
