import { index, integer, jsonb, pgTable, primaryKey, sql, text, uuid } from '../drizzle.ts'
import { instant } from './columns.ts'

/**
 * Who did what, when: append-only (trigger), without personal data, partitioned by month. The partitioning and the
 * triggers are written by hand in the migration, for drizzle-kit knows neither.
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
    primaryKey({ columns: [t.id, t.at] }),
    index('audit_entity').on(t.entityId, t.at),
    index('audit_organizer').on(t.organizerId, t.at),
  ],
)

/** Outgoing events, relayed by delivered state and never by `id > cursor`: late commits would be skipped. */
export const outbox = pgTable(
  'outbox',
  {
    id: uuid('id').notNull(),
    at: instant('at').notNull(),
    organizerId: uuid('organizer_id').notNull(),
    type: text('type').notNull(),
    entityId: uuid('entity_id').notNull(),
    /** 1, 2, 3 … per entity, gap-free. */
    entitySeq: integer('entity_seq').notNull(),
    payload: jsonb('payload').notNull(),
    deliveredAt: instant('delivered_at'),
    attempts: integer('attempts').notNull().default(0),
    /** Not before this: it is on its way, or its last try failed. */
    retryAt: instant('retry_at'),
  },
  (t) => [
    primaryKey({ columns: [t.id, t.at] }),
    index('outbox_entity').on(t.entityId, t.entitySeq),
    index('outbox_undelivered')
      .on(t.id)
      .where(sql`${t.deliveredAt} is null`),
  ],
)

/**
 * When each periodic work last began, in whatever process: jobs and the sweep both ask for it, and it runs once an
 * interval.
 */
export const maintenanceRuns = pgTable('maintenance_runs', {
  task: text('task').primaryKey(),
  ranAt: instant('ran_at').notNull(),
})
