import { bigint, boolean, check, integer, jsonb, pgTable, real, sql, text, unique, uuid } from '../drizzle.ts'
import { bytes, id, instant } from './columns.ts'
import type { Submission } from '../../domain/booking-request.ts'
import type { Refusal } from '../../domain/refusals/refusal.ts'

/**
 * One line of waiting requests. Its row lock makes one decider at a time of any number of worker processes.
 * A request is undecided exactly while its `seq` is above `watermark`.
 */
export const lanes = pgTable(
  'lanes',
  {
    id: integer('id').primaryKey(),
    watermark: bigint('watermark', { mode: 'number' }).notNull().default(0),
    /** The one way to stop deciding; intake goes on. */
    paused: boolean('paused').notNull().default(false),
    /** Takes no new requests; those that wait are decided. */
    draining: boolean('draining').notNull().default(false),
    /** Decided requests a second, smoothed; for `etaMs` only. */
    decidedPerSecond: real('decided_per_second').notNull().default(0),
    /** Decision times never run backwards, even if the server's clock does. */
    decidedAt: instant('decided_at')
      .notNull()
      .default(sql`to_timestamp(0)`),
  },
  (t) => [check('lanes_watermark_not_negative', sql`${t.watermark} >= 0`)],
)

/** The next `seq` of each lane. Apart from `lanes`, so that intake and deciding never wait for each other. */
export const laneIntake = pgTable('lane_intake', {
  lane: integer('lane').primaryKey(),
  next: bigint('next', { mode: 'number' }).notNull().default(1),
  /** Copy of the lane's flag. An INSERT that has waited for this row sees the flag as it is by then. */
  draining: boolean('draining').notNull().default(false),
})

/** One submitted request. Insert-only up to its outcome, which is written once and never changes (trigger). */
export const bookingRequests = pgTable(
  'booking_requests',
  {
    id: id(),
    lane: integer('lane').notNull(),
    seq: bigint('seq', { mode: 'number' }).notNull(),
    /** No foreign key: it looks each row up once more. The INSERT does, and resources stay (trigger). */
    resourceId: uuid('resource_id').notNull(),
    /** Subject of the caller's token. */
    owner: text('owner').notNull(),
    idempotencyKey: text('idempotency_key').notNull(),
    bodyHash: bytes('body_hash').notNull(),
    payload: jsonb('payload').$type<Submission['payload']>().notNull(),
    customerKeys: text('customer_keys').array().notNull(),
    state: text('state', { enum: ['queued', 'booked', 'refused'] })
      .notNull()
      .default('queued'),
    acceptedAt: instant('accepted_at').notNull(),
    decidedAt: instant('decided_at'),
    bookingId: uuid('booking_id'),
    refusal: jsonb('refusal').$type<Refusal>(),
  },
  (t) => [
    unique('booking_requests_lane_seq').on(t.lane, t.seq),
    unique('booking_requests_owner_key').on(t.owner, t.idempotencyKey),
    check(
      'booking_requests_outcome',
      sql`(${t.state} = 'queued' and ${t.decidedAt} is null and ${t.bookingId} is null and ${t.refusal} is null) or (${t.state} = 'booked' and ${t.decidedAt} is not null and ${t.bookingId} is not null and ${t.refusal} is null) or (${t.state} = 'refused' and ${t.decidedAt} is not null and ${t.bookingId} is null and ${t.refusal} is not null)`,
    ),
  ],
)
