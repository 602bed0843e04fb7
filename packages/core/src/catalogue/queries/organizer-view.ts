import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'

/** An organizer as it sees itself. Times RFC 3339. */
export interface OrganizerView {
  readonly id: string
  readonly name: string
  readonly feeBasisPoints: number
  /** Whom buyers ask. */
  readonly contactEmail: string | null
  readonly createdAt: string
}

type Row = Omit<OrganizerView, 'createdAt'> & { readonly createdAt: Date }

const SELECT = `select id, name, fee_basis_points as "feeBasisPoints", contact_email as "contactEmail",
  created_at as "createdAt" from organizers`

/** The newest first. */
export async function listOrganizers(pool: pg.Pool, limit: number, after: Cursor | null): Promise<Page<OrganizerView>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where ${list.clause} order by id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, ({ id }) => ({ key: 0, id }), toView)
}

export async function findOrganizerView(pool: pg.Pool, id: string): Promise<OrganizerView | null> {
  const { rows } = await pool.query<Row & Record<string, unknown>>(`${SELECT} where id = $1::uuid`, [id])
  return rows[0] === undefined ? null : toView(rows[0])
}

const toView = ({ createdAt, ...row }: Row): OrganizerView => ({ ...row, createdAt: createdAt.toISOString() })
