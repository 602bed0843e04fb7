import type pg from 'pg'
import type { SetbackKind } from '../../domain/setback.ts'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'

/** Work that failed alone and was set aside. Times RFC 3339. */
export interface ParkedView {
  readonly id: string
  readonly kind: SetbackKind
  /** The outgoing event, the booking or the mail. */
  readonly subjectId: string
  /** The entity of the outgoing event, the booking's showtime or event, or the mail's booking. */
  readonly entityId: string
  /** Type of the outgoing event, or kind of the mail. */
  readonly type: string | null
  /** Reference of the booking; `null` if the work is about none. */
  readonly reference: string | null
  readonly failures: number
  readonly error: string
  readonly firstFailedAt: string
  readonly failedAt: string
  /** `null` while it is parked. */
  readonly retryAt: string | null
}

interface Row extends Omit<ParkedView, 'firstFailedAt' | 'failedAt' | 'retryAt'>, Record<string, unknown> {
  readonly firstFailedAt: Date
  readonly failedAt: Date
  readonly retryAt: Date | null
}

const SELECT = `select s.id, s.kind, s.subject_id as "subjectId", s.entity_id as "entityId",
    case s.kind when 'event' then (select o.type from outbox o where o.id = s.subject_id limit 1)
      when 'mail' then (select m.kind from mails m where m.id = s.subject_id) end as type,
    (select b.reference from bookings b
      where b.id = case when s.kind in ('event', 'mail') then s.entity_id else s.subject_id end) as reference,
    s.failures, s.error, s.first_failed_at as "firstFailedAt", s.failed_at as "failedAt", s.retry_at as "retryAt"
  from setbacks s`

/** Lists parked work, the newest first. `kind` null lists all kinds. */
export async function listParked(
  pool: pg.Pool,
  kind: SetbackKind | null,
  limit: number,
  after: Cursor | null,
): Promise<Page<ParkedView>> {
  const list = new ListFilter(limit, 's.retry_at is null')
  list.where((parameter) => `s.kind = ${parameter}`, kind)
  list.where((parameter) => `s.id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await pool.query<Row>(
    `${SELECT} where ${list.clause} order by s.id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, ({ id }) => ({ key: 0, id }), toView)
}

/** Returns work that was set aside, parked or due again; `null` if there is none, or it is done. */
export async function findSetback(executor: pg.Pool | pg.PoolClient, id: string): Promise<ParkedView | null> {
  const { rows } = await executor.query<Row>(`${SELECT} where s.id = $1::uuid`, [id])
  const [row] = rows
  return row === undefined ? null : toView(row)
}

function toView({ firstFailedAt, failedAt, retryAt, ...row }: Row): ParkedView {
  return {
    ...row,
    firstFailedAt: firstFailedAt.toISOString(),
    failedAt: failedAt.toISOString(),
    retryAt: retryAt?.toISOString() ?? null,
  }
}
