import { check, index, integer, pgTable, sql, text, unique, uuid } from '../drizzle.ts'
import { createdAt, id, instant, money } from './columns.ts'

/*
 * The memory of the sandbox, which plays a payment provider. Nothing but `payments/sandbox` may look into these tables:
 * the rest knows the sandbox by its answers and webhooks alone, as it would know a real provider.
 */

export const sandboxCheckouts = pgTable(
  'sandbox_checkouts',
  {
    /** Id at the provider: `sbx_…`, unguessable, part of the checkout page's address. */
    id: text('id').primaryKey(),
    /** Ours, and the idempotency key. */
    paymentId: uuid('payment_id').notNull(),
    bookingReference: text('booking_reference').notNull(),
    description: text('description').notNull(),
    amount: money('amount').notNull(),
    currency: text('currency').notNull(),
    returnUrl: text('return_url'),
    status: text('status', { enum: ['open', 'processing', 'completed', 'failed', 'cancelled'] })
      .notNull()
      .default('open'),
    /** Approved with a delay: completes by itself at this time. */
    completesAt: instant('completes_at'),
    captured: money('captured').notNull().default(0),
    capturedCurrency: text('captured_currency'),
    createdAt: createdAt(),
  },
  (t) => [
    unique('sandbox_checkouts_payment').on(t.paymentId),
    index('sandbox_checkouts_completing')
      .on(t.completesAt)
      .where(sql`${t.completesAt} is not null`),
    check('sandbox_checkouts_status', sql`${t.status} in ('open', 'processing', 'completed', 'failed', 'cancelled')`),
  ],
)

export const sandboxRefunds = pgTable(
  'sandbox_refunds',
  {
    id: text('id').primaryKey(),
    /** Ours, and the idempotency key. */
    refundId: uuid('refund_id').notNull(),
    checkoutId: text('checkout_id').notNull(),
    amount: money('amount').notNull(),
    createdAt: createdAt(),
  },
  (t) => [unique('sandbox_refunds_refund').on(t.refundId), index('sandbox_refunds_checkout').on(t.checkoutId)],
)

/** A webhook on its way. Sent twice, an event has two rows. */
export const sandboxDeliveries = pgTable(
  'sandbox_deliveries',
  {
    id: id(),
    eventId: text('event_id').notNull(),
    body: text('body').notNull(),
    dueAt: instant('due_at').notNull(),
    attempts: integer('attempts').notNull().default(0),
    deliveredAt: instant('delivered_at'),
  },
  (t) => [
    index('sandbox_deliveries_due')
      .on(t.dueAt)
      .where(sql`${t.deliveredAt} is null`),
  ],
)
