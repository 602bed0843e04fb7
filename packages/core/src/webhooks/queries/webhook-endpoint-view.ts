import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'

/** An endpoint as its organizer sees it, without its secret. Times RFC 3339. */
export interface WebhookEndpointView {
  readonly id: string
  /** `null`: the events of every organizer. */
  readonly organizerId: string | null
  readonly url: string
  readonly description: string
  readonly eventTypes: readonly string[]
  readonly status: 'active' | 'disabled'
  readonly disabledReason: 'gone' | 'failing' | 'manual' | null
  readonly failingSince: string | null
  readonly createdAt: string
  readonly updatedAt: string
}

export interface WebhookSecretView {
  readonly secret: string
  readonly previousSecret: string | null
  readonly previousSecretExpiresAt: string | null
}

interface Row extends Record<string, unknown> {
  readonly id: string
  readonly organizerId: string | null
  readonly url: string
  readonly description: string
  readonly eventTypes: readonly string[]
  readonly status: 'active' | 'disabled'
  readonly disabledReason: 'gone' | 'failing' | 'manual' | null
  readonly failingSince: Date | null
  readonly createdAt: Date
  readonly updatedAt: Date
}

const SELECT = `
  select id, organizer_id as "organizerId", url, description, event_types as "eventTypes", status,
    disabled_reason as "disabledReason", failing_since as "failingSince", created_at as "createdAt",
    updated_at as "updatedAt"
  from webhook_endpoints`

/** Endpoints of an organizer, the newest first; of all with `null`. */
export async function listWebhookEndpoints(
  pool: pg.Pool,
  organizerId: string | null,
  limit: number,
  after: Cursor | null,
): Promise<Page<WebhookEndpointView>> {
  const list = new ListFilter(limit, 'deleted_at is null')
  list.where((parameter) => `organizer_id = ${parameter}::uuid`, organizerId)
  list.where((parameter) => `id < ${parameter}::uuid`, after?.id ?? null)
  const { rows } = await pool.query<Row>(
    `${SELECT} where ${list.clause} order by id desc limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, ({ id }) => ({ key: 0, id }), toView)
}

/**
 * Returns the endpoint if it is the organizer's and not deleted; `null` of `organizerId`, for admins, is any
 * organizer's.
 */
export async function findWebhookEndpoint(
  pool: pg.Pool,
  id: string,
  organizerId: string | null,
): Promise<WebhookEndpointView | null> {
  const { rows } = await pool.query<Row>(`${SELECT} where ${OWN}`, [id, organizerId])
  return rows[0] === undefined ? null : toView(rows[0])
}

const OWN = 'id = $1::uuid and deleted_at is null and ($2::uuid is null or organizer_id = $2)'

/** Returns its secrets, as `findWebhookEndpoint` finds it; the one before the last rotation while it signs. */
export async function findWebhookSecret(
  pool: pg.Pool,
  id: string,
  organizerId: string | null,
): Promise<WebhookSecretView | null> {
  const { rows } = await pool.query<{ secret: string; previous: string | null; until: Date | null }>(
    `select secret, case when previous_secret_expires_at > now() then previous_secret end as previous,
       case when previous_secret_expires_at > now() then previous_secret_expires_at end as until
     from webhook_endpoints where ${OWN}`,
    [id, organizerId],
  )
  const [row] = rows
  if (row === undefined) return null
  return {
    secret: row.secret,
    previousSecret: row.previous,
    previousSecretExpiresAt: row.until?.toISOString() ?? null,
  }
}

function toView({ failingSince, createdAt, updatedAt, ...row }: Row): WebhookEndpointView {
  return {
    ...row,
    failingSince: failingSince?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}
