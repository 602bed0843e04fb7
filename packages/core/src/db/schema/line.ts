import { bigint, boolean, check, index, jsonb, pgTable, smallint, sql, text, unique, uuid } from '../drizzle.ts'
import { bytes, id, instant } from './columns.ts'
import type { Submission } from '../../domain/booking-request.ts'
import type { Refusal } from '../../domain/refusals/refusal.ts'

/**
 * The next `seq` of each line; a line is the queue of one showtime or event. Made with its resource, by a trigger. Apart
 * from `resource_state`, so that intake and deciding never wait for each other.
 */
export const lines = pgTable('lines', {
  resourceId: uuid('resource_id').primaryKey(),
  next: bigint('next', { mode: 'number' }).notNull().default(1),
  /** Takes no new requests; those that wait are decided. An INSERT that has waited for this row sees it as it is by then. */
  draining: boolean('draining').notNull().default(false),
})

/**
 * One submitted request. It is undecided exactly while its `seq` is above its line's watermark. Insert-only up to its outcome, which is written once and never changes
 * (trigger).
 */
export const bookingRequests = pgTable(
  'booking_requests',
  {
    id: id(),
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
    /** Wish that was booked, counted from 0; `null` where there was only one. */
    wish: smallint('wish'),
  },
  (t) => [
    unique('booking_requests_resource_seq').on(t.resourceId, t.seq),
    unique('booking_requests_owner_key').on(t.owner, t.idempotencyKey),
    /** For the sweep: what was accepted in the last seconds. Nothing that changes is in it. */
    index('booking_requests_accepted').on(t.acceptedAt),
    check(
      'booking_requests_outcome',
      sql`(${t.state} = 'queued' and ${t.decidedAt} is null and ${t.bookingId} is null and ${t.refusal} is null) or (${t.state} = 'booked' and ${t.decidedAt} is not null and ${t.bookingId} is not null and ${t.refusal} is null) or (${t.state} = 'refused' and ${t.decidedAt} is not null and ${t.bookingId} is null and ${t.refusal} is not null)`,
    ),
  ],
)
