import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'

/** A venue as its organizer sees it. Times RFC 3339. */
export interface VenueView {
  readonly id: string
  readonly organizerId: string
  readonly name: string
  readonly address: string
  readonly timeZone: string
  readonly createdAt: string
}

type Row = Omit<VenueView, 'createdAt'> & { readonly createdAt: Date }

const SELECT = `
  select id, organizer_id as "organizerId", name, address, time_zone as "timeZone", created_at as "createdAt"
  from venues`

/** Venues of an organizer, the newest first; of all with `null`. */
export async function listVenues(
  pool: pg.Pool,
  organizerId: string | null,
  limit: number,
  after: Cursor | null,
): Promise<Page<VenueView>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `organizer_id = ${parameter}::uuid`, organizerId)
  list.where((parameter) => `id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where ${list.clause} order by id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, ({ id }) => ({ key: 0, id }), toView)
}

/** @param organizerId whose it must be; `null` is anybody's */
export async function findVenueView(pool: pg.Pool, id: string, organizerId: string | null): Promise<VenueView | null> {
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where id = $1::uuid and ($2::uuid is null or organizer_id = $2)`,
    [id, organizerId],
  )
  return rows[0] === undefined ? null : toView(rows[0])
}

const toView = ({ createdAt, ...row }: Row): VenueView => ({ ...row, createdAt: createdAt.toISOString() })
