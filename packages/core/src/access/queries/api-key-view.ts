import type pg from 'pg'
import type { Scope } from '../../domain/role.ts'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'

/** An API key as its organizer sees it: everything but the secret. Times RFC 3339. */
export interface ApiKeyView {
  readonly id: string
  readonly organizerId: string
  readonly name: string
  readonly prefix: string
  readonly role: 'staff' | 'organizer'
  readonly scopes: readonly Scope[]
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
}

interface ApiKeyRow {
  readonly id: string
  readonly organizerId: string
  readonly name: string
  readonly prefix: string
  readonly role: 'staff' | 'organizer'
  readonly scopes: readonly Scope[]
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

const SELECT = `
  select id, organizer_id as "organizerId", name, prefix, role, scopes, created_at as "createdAt",
    expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"
  from api_keys`

/** Keys of an organizer, the newest first; of all with `null`. */
export async function listApiKeys(
  pool: pg.Pool,
  organizerId: string | null,
  limit: number,
  after: Cursor | null,
): Promise<Page<ApiKeyView>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `organizer_id = ${parameter}::uuid`, organizerId)
  list.where((parameter) => `id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await pool.query<ApiKeyRow & Record<string, unknown>>(
    `${SELECT} where ${list.clause} order by id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, ({ id }) => ({ key: 0, id }), toView)
}

export async function findApiKeyView(executor: pg.Pool | pg.PoolClient, id: string): Promise<ApiKeyView | null> {
  const { rows } = await executor.query<ApiKeyRow & Record<string, unknown>>(`${SELECT} where id = $1::uuid`, [id])
  return rows[0] === undefined ? null : toView(rows[0])
}

function toView({ createdAt, expiresAt, lastUsedAt, revokedAt, ...row }: ApiKeyRow): ApiKeyView {
  return {
    ...row,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  }
}
