import { bigint, check, index, integer, jsonb, pgTable, sql, text, unique, uuid } from '../drizzle.ts'
import { organizers } from './catalogue.ts'
import { bytes, createdAt, id, instant } from './columns.ts'

/** Endpoints that an organizer's outgoing events are posted to. */
export const webhookEndpoints = pgTable(
  'webhook_endpoints',
  {
    id: id(),
    /** `null`, for admins: the events of every organizer. */
    organizerId: uuid('organizer_id').references(() => organizers.id),
    url: text('url').notNull(),
    description: text('description').notNull().default(''),
    /** Types (`booking.confirmed`) and families (`booking.*`); empty takes all. */
    eventTypes: text('event_types').array().notNull(),
    /** `whsec_…`. After a rotation the one before signs too, until it expires. */
    secret: text('secret').notNull(),
    previousSecret: text('previous_secret'),
    previousSecretExpiresAt: instant('previous_secret_expires_at'),
    status: text('status', { enum: ['active', 'disabled'] })
      .notNull()
      .default('active'),
    /** `gone` (it answered 410), `failing` (nothing got through for days) or `manual`. */
    disabledReason: text('disabled_reason', { enum: ['gone', 'failing', 'manual'] }),
    /** Time since when no delivery got through; `null` while deliveries get through. */
    failingSince: instant('failing_since'),
    createdAt: createdAt(),
    updatedAt: instant('updated_at').notNull().defaultNow(),
    deletedAt: instant('deleted_at'),
  },
  (t) => [
    index('webhook_endpoints_organizer').on(t.organizerId, t.id),
    /** Looked at with every batch of decisions. */
    index('webhook_endpoints_refusals')
      .on(t.organizerId)
      .where(
        sql`${t.status} = 'active' and ${t.deletedAt} is null and ${t.eventTypes} && array['booking_request.refused', 'booking_request.*']`,
      ),
    check('webhook_endpoints_status', sql`(${t.status} = 'disabled') = (${t.disabledReason} is not null)`),
    check(
      'webhook_endpoints_previous_secret',
      sql`(${t.previousSecret} is null) = (${t.previousSecretExpiresAt} is null)`,
    ),
  ],
)

/** One event on its way to one endpoint. A replay is a delivery of its own. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: id(),
    endpointId: uuid('endpoint_id')
      .notNull()
      .references(() => webhookEndpoints.id),
    eventId: uuid('event_id').notNull(),
    /** Time of the event. With the id it finds the event, which is in the partition of its month. */
    eventAt: instant('event_at').notNull(),
    eventType: text('event_type').notNull(),
    /** Deliveries of one entity to one endpoint go in the order of its events. */
    entityId: uuid('entity_id').notNull(),
    entitySeq: integer('entity_seq').notNull(),
    /** Delivery that a replay repeats. */
    replayOf: uuid('replay_of'),
    status: text('status', { enum: ['pending', 'delivered', 'failed'] })
      .notNull()
      .default('pending'),
    attempts: integer('attempts').notNull().default(0),
    /** Earliest time of the next attempt; `null` once it is settled. */
    nextAttemptAt: instant('next_attempt_at'),
    lastAttemptAt: instant('last_attempt_at'),
    lastStatusCode: integer('last_status_code'),
    /** Reason why the last attempt failed, in one sentence. */
    lastError: text('last_error'),
    createdAt: instant('created_at').notNull(),
    deliveredAt: instant('delivered_at'),
  },
  (t) => [
    index('webhook_deliveries_due')
      .on(t.endpointId, t.nextAttemptAt)
      .where(sql`${t.nextAttemptAt} is not null`),
    index('webhook_deliveries_log').on(t.endpointId, t.id),
    index('webhook_deliveries_order')
      .on(t.endpointId, t.entityId, t.entitySeq)
      .where(sql`${t.status} = 'pending'`),
    check('webhook_deliveries_settled', sql`(${t.status} = 'pending') = (${t.nextAttemptAt} is not null)`),
  ],
)

/** Every try of a delivery: the log. */
export const webhookAttempts = pgTable(
  'webhook_attempts',
  {
    id: id(),
    deliveryId: uuid('delivery_id').notNull(),
    at: instant('at').notNull(),
    durationMs: integer('duration_ms').notNull(),
    /** `null` where there was no answer. */
    statusCode: integer('status_code'),
    error: text('error'),
    /** The beginning of the answer's body. */
    response: text('response'),
  },
  (t) => [index('webhook_attempts_delivery').on(t.deliveryId, t.id)],
)

/** The line of mails that do not say which showtime or event they are about. Above all others. */
export const NO_LINE = 'ffffffff-ffff-ffff-ffff-ffffffffffff'

/**
 * Mail to a buyer. To whom and about what is read from the booking when it is sent: of the buyer there is nothing here but
 * a digest of the address, to count by.
 */
export const mails = pgTable(
  'mails',
  {
    id: id(),
    bookingId: uuid('booking_id').notNull(),
    kind: text('kind', { enum: ['confirmation', 'cancellation', 'refund', 'move', 'reminder', 'recovery'] }).notNull(),
    /** The booking's showtime or event. Those that have mail waiting take turns. */
    lineId: uuid('line_id').notNull().default(NO_LINE),
    /** Digest of the address, as `mail-recipient.ts` makes it; `null` counts against nobody's budget. */
    recipient: bytes('recipient'),
    /**
     * The outgoing event of the booking that it tells of, which is told once; `null` for a recovery, and for a move, whose
     * event is the resource's.
     */
    eventId: uuid('event_id'),
    /** Refunded amount, in minor units; of refunds only. */
    amount: bigint('amount', { mode: 'number' }),
    /** Time and place that a confirmation or a mail about a move states. Written before the mail is composed. */
    told: jsonb('told').$type<{ startsAt: string; venue: string; timeZone: string }>(),
    status: text('status', { enum: ['pending', 'sent', 'failed'] })
      .notNull()
      .default('pending'),
    attempts: integer('attempts').notNull().default(0),
    nextAttemptAt: instant('next_attempt_at'),
    /** Beginning of the last try, unless that found nothing to send: budgets count by it. */
    begunAt: instant('begun_at'),
    failure: text('failure'),
    createdAt: instant('created_at').notNull(),
    sentAt: instant('sent_at'),
  },
  (t) => [
    unique('mails_event').on(t.eventId),
    index('mails_booking').on(t.bookingId),
    index('mails_settled')
      .on(t.createdAt)
      .where(sql`${t.nextAttemptAt} is null`),
    /** Waiting mail, line by line: first the kinds that buyers wait for, then the rest. An index by time alone would tempt the planner. */
    index('mails_urgent')
      .on(t.lineId, t.nextAttemptAt)
      .where(sql`${t.nextAttemptAt} is not null and ${t.kind} in ('confirmation', 'recovery')`),
    index('mails_patient')
      .on(t.lineId, t.nextAttemptAt)
      .where(sql`${t.nextAttemptAt} is not null and ${t.kind} in ('cancellation', 'refund', 'move')`),
    /** It takes the place of `mails_patient`, by which the version before reads and which the next one drops. */
    index('mails_unhurried')
      .on(t.lineId, t.nextAttemptAt)
      .where(sql`${t.nextAttemptAt} is not null and ${t.kind} in ('cancellation', 'refund', 'move', 'reminder')`),
    /** The budgets of a line, of a recipient, and of recoveries to a recipient. */
    index('mails_line_begun')
      .on(t.lineId, t.begunAt)
      .where(sql`${t.begunAt} is not null`),
    index('mails_recipient_begun')
      .on(t.recipient, t.begunAt)
      .where(sql`${t.begunAt} is not null and ${t.kind} <> 'recovery'`),
    index('mails_recipient_waiting')
      .on(t.recipient, t.nextAttemptAt)
      .where(sql`${t.nextAttemptAt} is not null`),
    index('mails_recipient_recoveries')
      .on(t.recipient, t.createdAt)
      .where(sql`${t.kind} = 'recovery'`),
    check('mails_settled', sql`(${t.status} = 'pending') = (${t.nextAttemptAt} is not null)`),
  ],
)
