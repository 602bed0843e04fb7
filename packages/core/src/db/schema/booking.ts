import type { Metadata } from '../../domain/booking-request.ts'
import type { ProviderEvent } from '../../domain/provider-event.ts'
import {
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  sql,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from '../drizzle.ts'
import { bytes, createdAt, id, instant, money } from './columns.ts'

/**
 * The result of a booked request. No foreign key points here: a booking is updated all its life, and its children are
 * only ever written by the statement that writes the booking itself.
 */
export const bookings = pgTable(
  'bookings',
  {
    id: id(),
    reference: text('reference').notNull(),
    requestId: uuid('request_id').notNull(),
    /** Resource of its request. */
    resourceId: uuid('resource_id').notNull(),
    organizerId: uuid('organizer_id').notNull(),
    owner: text('owner').notNull(),
    customerName: text('customer_name').notNull(),
    customerEmail: text('customer_email').notNull(),
    customerPhone: text('customer_phone'),
    customerKeys: text('customer_keys').array().notNull(),
    /** Facts of the integrator; `null` is the same as none. */
    metadata: jsonb('metadata').$type<Metadata>(),
    status: text('status', { enum: ['pending', 'confirmed', 'completed', 'cancelled', 'no_show'] }).notNull(),
    paymentStatus: text('payment_status', {
      enum: ['pending', 'processing', 'completed', 'failed', 'partially_refunded', 'refunded'],
    }).notNull(),
    currency: text('currency').notNull(),
    subtotal: money('subtotal').notNull(),
    discount: money('discount').notNull(),
    fee: money('fee').notNull(),
    total: money('total').notNull(),
    promoCodeId: uuid('promo_code_id'),
    /** Places that have the promo code's discount. */
    promoTickets: integer('promo_tickets').notNull().default(0),
    /** End of the hold; only a pending booking has one. */
    expiresAt: instant('expires_at'),
    /** The first payment started then, and the hold was extended for it; a hold is extended once. */
    holdExtendedAt: instant('hold_extended_at'),
    /** Time of the next mail that reminds of the hold's end; `null` where none is due. */
    remindAt: instant('remind_at'),
    confirmedAt: instant('confirmed_at'),
    /** The payment that confirmed it; `null` while unpaid, and for a booking that costs nothing. */
    paidBy: uuid('paid_by'),
    cancelledAt: instant('cancelled_at'),
    /** A code of `domain/cancellation.ts`. */
    cancelReason: text('cancel_reason'),
    createdAt: instant('created_at').notNull(),
    updatedAt: instant('updated_at').notNull(),
    /** Number of the booking's last outgoing event, so that its events are gap-free. */
    eventSeq: integer('event_seq').notNull().default(1),
  },
  (t) => [
    unique('bookings_request').on(t.requestId),
    unique('bookings_reference').on(t.reference),
    index('bookings_owner').on(t.owner, t.id),
    index('bookings_resource').on(t.resourceId, t.id),
    index('bookings_organizer').on(t.organizerId, t.id),
    /**
     * Index of holds by their end. It is not partial on the status: only pending bookings have an expiry, so it holds
     * few live entries anyway.
     */
    index('bookings_expiry').on(t.expiresAt),
    index('bookings_reminder')
      .on(t.remindAt)
      .where(sql`${t.remindAt} is not null`),
    check('bookings_status', sql`${t.status} in ('pending', 'confirmed', 'completed', 'cancelled', 'no_show')`),
    check(
      'bookings_payment_status',
      sql`${t.paymentStatus} in ('pending', 'processing', 'completed', 'failed', 'partially_refunded', 'refunded')`,
    ),
    check('bookings_reference_form', sql`${t.reference} ~ '^[A-HJKMNP-Z2-9]{8}$'`),
    check('bookings_currency', sql`${t.currency} ~ '^[A-Z]{3}$'`),
    check('bookings_hold', sql`(${t.status} = 'pending') = (${t.expiresAt} is not null)`),
    check(
      'bookings_cancelled',
      sql`(${t.status} = 'cancelled') = (${t.cancelledAt} is not null) and (${t.status} = 'cancelled') = (${t.cancelReason} is not null)`,
    ),
    check(
      'bookings_money',
      sql`${t.subtotal} >= 0 and ${t.discount} between 0 and ${t.subtotal} and ${t.fee} >= 0 and ${t.total} = ${t.subtotal} - ${t.discount} + ${t.fee}`,
    ),
  ],
)

/** One seat, or a number of places of one area or of tickets of one type, at the price it was booked for. */
export const bookingItems = pgTable(
  'booking_items',
  {
    bookingId: uuid('booking_id').notNull(),
    position: integer('position').notNull(),
    seatLabel: text('seat_label'),
    areaLabel: text('area_label'),
    categoryId: uuid('category_id'),
    ticketTypeId: uuid('ticket_type_id'),
    /** Code of the rate of a seat or an area's place; `null` where there is only one. */
    rate: text('rate'),
    quantity: integer('quantity').notNull(),
    unitPrice: money('unit_price').notNull(),
    discount: money('discount').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.bookingId, t.position] }),
    check(
      'booking_items_kind',
      sql`num_nonnulls(${t.seatLabel}, ${t.areaLabel}, ${t.ticketTypeId}) = 1 and ${t.quantity} > 0 and (${t.seatLabel} is null or ${t.quantity} = 1)`,
    ),
    check(
      'booking_items_money',
      sql`${t.unitPrice} >= 0 and ${t.discount} between 0 and ${t.unitPrice} * ${t.quantity}`,
    ),
  ],
)

/**
 * A seat that a live booking or a block holds. The primary key is the last guard against selling it twice (I1), and the way
 * to release it: a booking's items name its seats. The column `showtime_id` has its name from before events had seats.
 */
export const seatAllocations = pgTable(
  'seat_allocations',
  {
    resourceId: uuid('showtime_id').notNull(),
    seatLabel: text('seat_label').notNull(),
    bookingId: uuid('booking_id'),
    blockId: uuid('block_id'),
  },
  (t) => [
    primaryKey({ columns: [t.resourceId, t.seatLabel] }),
    check('seat_allocations_holder', sql`num_nonnulls(${t.bookingId}, ${t.blockId}) = 1`),
    index('seat_allocations_block')
      .on(t.blockId)
      .where(sql`${t.blockId} is not null`),
  ],
)

/** One admission. Its signed token is computed when shown, never stored. */
export const tickets = pgTable(
  'tickets',
  {
    id: id(),
    bookingId: uuid('booking_id').notNull(),
    resourceId: uuid('resource_id').notNull(),
    ordinal: integer('ordinal').notNull(),
    seatLabel: text('seat_label'),
    areaLabel: text('area_label'),
    ticketTypeId: uuid('ticket_type_id'),
    rate: text('rate'),
    status: text('status', { enum: ['issued', 'checked_in', 'void'] })
      .notNull()
      .default('issued'),
    checkedInAt: instant('checked_in_at'),
    checkedInGate: text('checked_in_gate'),
  },
  (t) => [
    unique('tickets_booking_ordinal').on(t.bookingId, t.ordinal),
    check('tickets_status', sql`${t.status} in ('issued', 'checked_in', 'void')`),
    check('tickets_kind', sql`num_nonnulls(${t.seatLabel}, ${t.areaLabel}, ${t.ticketTypeId}) = 1`),
    check('tickets_checked_in', sql`${t.status} <> 'checked_in' or ${t.checkedInAt} is not null`),
  ],
)

/** Every scan at a gate. The same (ticket, device, nonce) is the same scan, where the device has a name of its own. */
export const checkIns = pgTable(
  'check_ins',
  {
    ticketId: uuid('ticket_id').notNull(),
    device: text('device').notNull(),
    nonce: text('nonce').notNull(),
    gate: text('gate').notNull(),
    result: text('result', {
      enum: ['admitted', 'already_used', 'void', 'wrong_event', 'too_early'],
    }).notNull(),
    /** Subject of the scanning person's token. */
    actor: text('actor').notNull(),
    /** The device's clock for a scan made offline, else the database's. */
    scannedAt: instant('scanned_at').notNull(),
    recordedAt: instant('recorded_at').notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.ticketId, t.device, t.nonce] }),
    check('check_ins_result', sql`${t.result} in ('admitted', 'already_used', 'void', 'wrong_event', 'too_early')`),
    /** Whatever goes wrong elsewhere, a ticket admits once. */
    uniqueIndex('check_ins_admitted_once')
      .on(t.ticketId)
      .where(sql`${t.result} = 'admitted'`),
  ],
)

/** One try to pay a booking. `captured`, `reserved` and `refunded` are guarded by a CHECK (I5). */
export const payments = pgTable(
  'payments',
  {
    id: id(),
    bookingId: uuid('booking_id').notNull(),
    provider: text('provider').notNull(),
    providerReference: text('provider_reference'),
    status: text('status', {
      enum: ['pending', 'processing', 'completed', 'failed', 'partially_refunded', 'refunded'],
    }).notNull(),
    currency: text('currency').notNull(),
    amount: money('amount').notNull(),
    /**
     * Amount that the provider took, in `capturedCurrency`. If it differs from the amount asked for, the payment is
     * refused and refunded.
     */
    captured: money('captured').notNull().default(0),
    capturedCurrency: text('captured_currency'),
    /** Promised to refunds that were not yet settled by the provider. */
    reserved: money('reserved').notNull().default(0),
    refunded: money('refunded').notNull().default(0),
    checkoutUrl: text('checkout_url'),
    /** Page that the provider sends the buyer to afterwards. */
    returnUrl: text('return_url'),
    /** Cards declined so far that the buyer could try again after. */
    declines: integer('declines').notNull().default(0),
    /** Reason of the failure: a code of `domain/payment.ts`. */
    failure: text('failure'),
    /** Time of the next query to the provider; `null` once there is nothing left to ask. */
    reconcileAt: instant('reconcile_at'),
    reconcileAttempts: integer('reconcile_attempts').notNull().default(0),
    createdAt: createdAt(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    index('payments_booking').on(t.bookingId),
    unique('payments_provider_reference').on(t.provider, t.providerReference),
    uniqueIndex('payments_one_open')
      .on(t.bookingId)
      .where(sql`${t.status} in ('pending', 'processing')`),
    check(
      'payments_status',
      sql`${t.status} in ('pending', 'processing', 'completed', 'failed', 'partially_refunded', 'refunded')`,
    ),
    index('payments_reconcile')
      .on(t.reconcileAt)
      .where(sql`${t.reconcileAt} is not null`),
    check('payments_amount', sql`${t.amount} > 0 and ${t.captured} >= 0`),
    check('payments_captured_currency', sql`(${t.captured} > 0) = (${t.capturedCurrency} is not null)`),
    check(
      'payments_captured_as_asked',
      sql`${t.status} not in ('completed', 'partially_refunded', 'refunded') or (${t.captured} = ${t.amount} and ${t.capturedCurrency} = ${t.currency})`,
    ),
    check('payments_failure', sql`(${t.status} = 'failed') = (${t.failure} is not null)`),
    check(
      'payments_refunds_within_captured',
      sql`${t.reserved} >= 0 and ${t.refunded} >= 0 and ${t.refunded} + ${t.reserved} <= ${t.captured}`,
    ),
  ],
)

export const refunds = pgTable(
  'refunds',
  {
    id: id(),
    paymentId: uuid('payment_id').notNull(),
    bookingId: uuid('booking_id').notNull(),
    amount: money('amount').notNull(),
    /** Currency of what was captured. */
    currency: text('currency').notNull(),
    /** `reserved`: promised, and not known to the provider yet. `sent`: the provider is at it. */
    status: text('status', { enum: ['reserved', 'sent', 'completed', 'failed'] }).notNull(),
    /** A sentence for people, or a code of `domain/payment.ts` for those made by themselves. */
    reason: text('reason').notNull(),
    providerReference: text('provider_reference'),
    failure: text('failure'),
    /** Time at which it is sent, or asked about, next; `null` once it is settled. */
    sendAt: instant('send_at'),
    sendAttempts: integer('send_attempts').notNull().default(0),
    createdAt: createdAt(),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    index('refunds_payment').on(t.paymentId),
    index('refunds_booking').on(t.bookingId),
    check('refunds_status', sql`${t.status} in ('reserved', 'sent', 'completed', 'failed')`),
    index('refunds_due')
      .on(t.sendAt)
      .where(sql`${t.sendAt} is not null`),
    check('refunds_amount_positive', sql`${t.amount} > 0`),
    check('refunds_settled', sql`(${t.status} in ('completed', 'failed')) = (${t.sendAt} is null)`),
    check('refunds_failure', sql`(${t.status} = 'failed') = (${t.failure} is not null)`),
  ],
)

/** Payment reports, stored before they are acted on. */
export const providerInbox = pgTable(
  'provider_inbox',
  {
    provider: text('provider').notNull(),
    eventId: text('event_id').notNull(),
    body: bytes('body').notNull(),
    /** Content of the body, as it was understood when it came in. */
    event: jsonb('event').$type<ProviderEvent>().notNull(),
    receivedAt: instant('received_at').notNull().defaultNow(),
    handledAt: instant('handled_at'),
    attempts: integer('attempts').notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.provider, t.eventId] }),
    index('provider_inbox_age').on(t.receivedAt),
    index('provider_inbox_unhandled')
      .on(t.receivedAt)
      .where(sql`${t.handledAt} is null`),
  ],
)

/** A POST that changed something: what a repetition under the same key is answered with is read from `entityId`. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    owner: text('owner').notNull(),
    key: text('key').notNull(),
    /** Operation of the request, as method and path. */
    operation: text('operation').notNull(),
    bodyHash: bytes('body_hash').notNull(),
    entityId: uuid('entity_id').notNull(),
    createdAt: createdAt(),
  },
  (t) => [primaryKey({ columns: [t.owner, t.key] }), index('idempotency_keys_age').on(t.createdAt)],
)
