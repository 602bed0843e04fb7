import type pg from 'pg'
import { type Cursor, type Page, toPage } from './cursor.ts'
import { ListFilter } from './list-filter.ts'

/** Who did what, when. */
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
  /** At or after this. */
  readonly from: Date | null
  /** Before this. */
  readonly to: Date | null
}

interface Row extends Omit<AuditView, 'at'> {
  readonly at: Date
  readonly at_us: number
}

/** What belongs to a booking, itself included. */
const OF_BOOKING = (parameter: string) => `entity_id in (
  select b.id from bookings b where b.reference = ${parameter}
  union all select p.id from bookings b join payments p on p.booking_id = b.id where b.reference = ${parameter}
  union all select f.id from bookings b join refunds f on f.booking_id = b.id where b.reference = ${parameter}
  union all select t.id from bookings b join tickets t on t.booking_id = b.id where b.reference = ${parameter})`

/** Audit rows, the newest first. `after` is the previous page's end. */
export async function listAudit(
  executor: pg.Pool | pg.PoolClient,
  filter: AuditFilter,
  limit: number,
  after: Cursor | null,
): Promise<Page<AuditView>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `organizer_id = ${parameter}::uuid`, filter.organizerId)
  list.where((parameter) => `entity = ${parameter}`, filter.entity)
  list.where((parameter) => `entity_id = ${parameter}::uuid`, filter.entityId)
  list.where(OF_BOOKING, filter.reference)
  list.where((parameter) => `action = ${parameter}`, filter.action)
  list.where((parameter) => `actor = ${parameter}`, filter.actor)
  list.where((parameter) => `at >= ${parameter}::timestamptz`, filter.from)
  list.where((parameter) => `at < ${parameter}::timestamptz`, filter.to)
  list.beyond('at, id', '<', after)
  const { rows } = await executor.query<Row & Record<string, unknown>>(
    `select id, at, (extract(epoch from at) * 1000000)::bigint as at_us, actor, action, entity, entity_id as "entityId",
       before, after, request_id as "requestId"
     from audit where ${list.clause} order by at desc, id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(
    rows,
    limit,
    (row) => ({ key: row.at_us, id: row.id }),
    ({ at_us: _, at, ...row }) => ({ ...row, at: at.toISOString() }),
  )
}
