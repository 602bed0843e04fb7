import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'

/** An auditorium as its organizer sees it. Times RFC 3339. */
export interface AuditoriumView {
  readonly id: string
  readonly organizerId: string
  readonly venueId: string
  readonly name: string
  /** Latest version of its seating; `null` until one was imported. */
  readonly layoutVersion: number | null
  readonly createdAt: string
}

type Row = Omit<AuditoriumView, 'createdAt'> & { readonly createdAt: Date }

const SELECT = `
  select a.id, v.organizer_id as "organizerId", a.venue_id as "venueId", a.name,
    (select max(version) from layouts where auditorium_id = a.id) as "layoutVersion", a.created_at as "createdAt"
  from auditoriums a join venues v on v.id = a.venue_id`

export interface AuditoriumFilter {
  /** `null` is anybody's. */
  readonly organizerId: string | null
  readonly venueId: string | null
}

/** The newest first. */
export async function listAuditoriums(
  pool: pg.Pool,
  { organizerId, venueId }: AuditoriumFilter,
  limit: number,
  after: Cursor | null,
): Promise<Page<AuditoriumView>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `v.organizer_id = ${parameter}::uuid`, organizerId)
  list.where((parameter) => `a.venue_id = ${parameter}::uuid`, venueId)
  list.where((parameter) => `a.id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where ${list.clause} order by a.id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, ({ id }) => ({ key: 0, id }), toView)
}

/** @param organizerId whose it must be; `null` is anybody's */
export async function findAuditoriumView(
  pool: pg.Pool,
  id: string,
  organizerId: string | null,
): Promise<AuditoriumView | null> {
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where a.id = $1::uuid and ($2::uuid is null or v.organizer_id = $2)`,
    [id, organizerId],
  )
  return rows[0] === undefined ? null : toView(rows[0])
}

const toView = ({ createdAt, ...row }: Row): AuditoriumView => ({ ...row, createdAt: createdAt.toISOString() })
