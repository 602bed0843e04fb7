import type pg from 'pg'
import type { Cursor, Page } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import { type Looked, selectWindow, toWindowPage } from '../../db/window.ts'

/** Row of the audit: who did what, and when. */
export interface AuditView {
  readonly id: string
  readonly at: string
  /** Subject of the caller's token, `provider:…` or `system`. */
  readonly actor: string
  readonly action: string
  readonly entity: string
  readonly entityId: string
  readonly before: unknown
  readonly after: unknown
  /** The booking request, HTTP request or provider's event that caused it. */
  readonly requestId: string | null
}

export interface AuditFilter {
  /** `null` for all organizers. */
  readonly organizerId: string | null
  readonly entity: string | null
  readonly entityId: string | null
  /** A booking, with its payments, refunds and tickets. */
  readonly reference: string | null
  readonly action: string | null
  readonly actor: string | null
  /** Earliest time. */
  readonly from: Date | null
  /** Time that all rows are before. */
  readonly to: Date | null
}

interface Row extends Omit<AuditView, 'at'>, Looked {
  readonly at: Date
  readonly at_us: number
}

/** Returns the condition for all rows of a booking, its own included. */
const OF_BOOKING = (parameter: string) => `entity_id in (
  select b.id from bookings b where b.reference = ${parameter}
  union all select p.id from bookings b join payments p on p.booking_id = b.id where b.reference = ${parameter}
  union all select f.id from bookings b join refunds f on f.booking_id = b.id where b.reference = ${parameter}
  union all select t.id from bookings b join tickets t on t.booking_id = b.id where b.reference = ${parameter})`

/**
 * Lists audit rows, the newest first. `after` is the previous page's end. Looks at a window of the rows of a thing, or of
 * the organizer, or of everybody: there is no index on actions and actors, which each booking would have to pay for.
 */
export async function listAudit(
  executor: pg.Pool | pg.PoolClient,
  filter: AuditFilter,
  limit: number,
  after: Cursor | null,
): Promise<Page<AuditView>> {
  const list = new ListFilter(limit)
  const ofOrganizer = (parameter: string) => `organizer_id = ${parameter}::uuid`
  // A thing has few rows, whosever it is.
  const isOfThing = filter.entityId !== null || filter.reference !== null
  if (isOfThing) list.keep(ofOrganizer, filter.organizerId)
  else list.where(ofOrganizer, filter.organizerId)
  list.where((parameter) => `entity_id = ${parameter}::uuid`, filter.entityId)
  list.where(OF_BOOKING, filter.reference)
  list.where((parameter) => `at >= ${parameter}::timestamptz`, filter.from)
  list.where((parameter) => `at < ${parameter}::timestamptz`, filter.to)
  list.beyond('at, id', '<', after)
  list.keep((parameter) => `entity = ${parameter}`, filter.entity)
  list.keep((parameter) => `action = ${parameter}`, filter.action)
  list.keep((parameter) => `actor = ${parameter}`, filter.actor)
  const { rows } = await executor.query<Row & Record<string, unknown>>(
    `select id, at, (extract(epoch from at) * 1000000)::bigint as at_us, actor, action, entity, entity_id as "entityId",
       before, after, request_id as "requestId", place, matches
     from (${selectWindow(`select * from audit where ${list.clause}`, list.matches, 'at desc, id desc')}) w
     order by at desc, id desc limit $1::int + 1`,
    list.values,
  )
  return toWindowPage(
    rows,
    limit,
    (row) => ({ key: row.at_us, id: row.id }),
    ({ at_us: _, place: __, matches: ___, at, ...row }) => ({ ...row, at: at.toISOString() }),
  )
}
