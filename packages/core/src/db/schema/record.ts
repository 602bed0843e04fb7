import { bigint, check, index, integer, jsonb, pgTable, primaryKey, sql, text, uuid } from '../drizzle.ts'
import { instant } from './columns.ts'

/**
 * Log of who did what, and when: append-only (trigger), without personal data, partitioned by month. The migration has
 * the partitioning and the triggers, because drizzle-kit knows neither.
 */
export const audit = pgTable(
  'audit',
  {
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    organizerId: uuid('organizer_id'),
    /** Subject of the caller's token, or `system`. */
    actor: text('actor').notNull(),
    action: text('action').notNull(),
    entity: text('entity').notNull(),
    entityId: uuid('entity_id').notNull(),
    before: jsonb('before'),
    after: jsonb('after'),
    /** The booking request or HTTP request that caused it. */
    requestId: text('request_id'),
  },
  (t) => [
    /** Key in the order in which admins read. */
    primaryKey({ columns: [t.at, t.id] }),
    index('audit_entity').on(t.entityId, t.at),
    index('audit_organizer').on(t.organizerId, t.at),
  ],
)

/**
 * Outgoing events. Published by delivered state (`position is null`) and never by `id > cursor`: late commits would be
 * skipped. Publishing gives an event its place in the feed, and hands it to webhooks and mail.
 */
export const outbox = pgTable(
  'outbox',
  {
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    organizerId: uuid('organizer_id').notNull(),
    type: text('type').notNull(),
    /** Booking, refused booking request, or thing of the catalogue. */
    entityId: uuid('entity_id').notNull(),
    /** 1, 2, 3 … per entity, gap-free. */
    entitySeq: integer('entity_seq').notNull(),
    payload: jsonb('payload').notNull(),
    /** Place in the feed, in the order of publishing: whoever has read up to one has missed none below it. */
    position: bigint('position', { mode: 'number' }),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.at] }),
    index('outbox_refund_failed')
      .on(t.entityId)
      .where(sql`${t.type} = 'refund.failed'`),
    index('outbox_unpublished')
      .on(t.at, t.entitySeq)
      .where(sql`${t.position} is null`),
    index('outbox_feed')
      .on(t.organizerId, t.position)
      .where(sql`${t.position} is not null`),
  ],
)

/** One row: how far the feed is, and the lock that makes publishing one at a time. */
export const eventFeed = pgTable(
  'event_feed',
  {
    id: integer('id').primaryKey().default(1),
    position: bigint('position', { mode: 'number' }).notNull().default(0),
    /** Every event before this time has its position, but for those that were set aside. */
    settledTo: instant('settled_to')
      .notNull()
      .default(sql`'-infinity'`),
  },
  (t) => [check('event_feed_one_row', sql`${t.id} = 1`)],
)

/** The number of the last outgoing event of each thing of the catalogue. Bookings count their own. */
export const eventCounters = pgTable('event_counters', {
  entityId: uuid('entity_id').primaryKey(),
  seq: integer('seq').notNull(),
})

/** Positions of clean-ups that walk through rows most of which they keep, by what they walk through. */
export const cleanUpPositions = pgTable('clean_up_positions', {
  name: text('name').primaryKey(),
  /** Everything up to here has been looked at. */
  position: bigint('position', { mode: 'number' }).notNull(),
})

/**
 * Last start of each periodic task, in whatever process: jobs and the sweep both ask for it, and it runs once an
 * interval.
 */
export const maintenanceRuns = pgTable('maintenance_runs', {
  task: text('task').primaryKey(),
  ranAt: instant('ran_at').notNull(),
})
