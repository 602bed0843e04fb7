import { check, index, integer, pgTable, sql, text, unique, uuid } from '../drizzle.ts'
import { SETBACK_KINDS } from '../../domain/setback.ts'
import { id, instant } from './columns.ts'

/**
 * Work that failed alone, so that it is its own fault and not its batch's. It is left out until `retry_at`; without one it
 * is parked, and waits for an operator. A row goes once the work is done.
 */
export const setbacks = pgTable(
  'setbacks',
  {
    id: id(),
    kind: text('kind', { enum: SETBACK_KINDS }).notNull(),
    /** The outgoing event, the booking or the mail. */
    subjectId: uuid('subject_id').notNull(),
    /** The event's entity, the booking's resource, or the mail's booking: its line, which goes on without it. */
    entityId: uuid('entity_id').notNull(),
    failures: integer('failures').notNull(),
    /** Last failure, without personal data. */
    error: text('error').notNull(),
    firstFailedAt: instant('first_failed_at').notNull(),
    failedAt: instant('failed_at').notNull(),
    retryAt: instant('retry_at'),
  },
  (t) => [
    unique('setbacks_subject').on(t.kind, t.subjectId),
    index('setbacks_entity').on(t.kind, t.entityId),
    index('setbacks_parked')
      .on(t.id)
      .where(sql`${t.retryAt} is null`),
    check('setbacks_kind', sql`${t.kind} in ('event', 'cancellation', 'expiry', 'closing', 'move', 'mail')`),
  ],
)

/**
 * Showtimes and events that have moved, and whose buyers are still to be told. Publishing only adds rows, so that it waits
 * for nobody; several of one resource are made one by the task that queues the mails, booking by booking.
 */
export const pendingMoves = pgTable(
  'pending_moves',
  {
    id: id(),
    resourceId: uuid('resource_id').notNull(),
    /** The last booking that was seen to; `null` at first. */
    after: uuid('after'),
    createdAt: instant('created_at').notNull(),
  },
  (t) => [index('pending_moves_resource').on(t.resourceId, t.id)],
)
