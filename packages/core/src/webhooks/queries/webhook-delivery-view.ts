import type pg from 'pg'
import type { Cursor, Page } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import { type Looked, selectWindow, toWindowPage } from '../../db/window.ts'

export type DeliveryStatus = 'pending' | 'delivered' | 'failed'

/** One event on its way to one endpoint. Times RFC 3339. */
export interface WebhookDeliveryView {
  readonly id: string
  readonly endpointId: string
  readonly eventId: string
  readonly eventType: string
  readonly entityId: string
  readonly seq: number
  readonly replayOf: string | null
  readonly status: DeliveryStatus
  readonly attempts: number
  readonly nextAttemptAt: string | null
  readonly lastAttemptAt: string | null
  readonly lastStatusCode: number | null
  readonly lastError: string | null
  readonly createdAt: string
  readonly deliveredAt: string | null
}

export interface WebhookAttemptView {
  readonly at: string
  readonly durationMs: number
  readonly statusCode: number | null
  readonly error: string | null
  readonly response: string | null
}

interface Row extends Record<string, unknown> {
  readonly id: string
  readonly endpointId: string
  readonly eventId: string
  readonly eventType: string
  readonly entityId: string
  readonly seq: number
  readonly replayOf: string | null
  readonly status: DeliveryStatus
  readonly attempts: number
  readonly nextAttemptAt: Date | null
  readonly lastAttemptAt: Date | null
  readonly lastStatusCode: number | null
  readonly lastError: string | null
  readonly createdAt: Date
  readonly deliveredAt: Date | null
}

const COLUMNS = `d.id, d.endpoint_id as "endpointId", d.event_id as "eventId", d.event_type as "eventType",
  d.entity_id as "entityId", d.entity_seq as seq, d.replay_of as "replayOf", d.status, d.attempts,
  d.next_attempt_at as "nextAttemptAt", d.last_attempt_at as "lastAttemptAt", d.last_status_code as "lastStatusCode",
  d.last_error as "lastError", d.created_at as "createdAt", d.delivered_at as "deliveredAt"`

/** Lists deliveries to an endpoint, the newest first. Looks at a window of them for those of the status. */
export async function listWebhookDeliveries(
  pool: pg.Pool,
  endpointId: string,
  status: DeliveryStatus | null,
  limit: number,
  after: Cursor | null,
): Promise<Page<WebhookDeliveryView>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `d.endpoint_id = ${parameter}::uuid`, endpointId)
  list.keep((parameter) => `status = ${parameter}`, status)
  list.where((parameter) => `d.id < ${parameter}::uuid`, after?.id ?? null)
  const looked = `select ${COLUMNS} from webhook_deliveries d where ${list.clause}`
  const { rows } = await pool.query<Row & Looked>(
    `select * from (${selectWindow(looked, list.matches, 'id desc')}) w order by id desc limit $1::int + 1`,
    list.values,
  )
  return toWindowPage(
    rows,
    limit,
    ({ id }) => ({ key: 0, id }),
    ({ place: _, matches: __, ...row }) => toView(row),
  )
}

/** Returns a delivery to an endpoint of the organizer, with its attempts, oldest first; `null` is any organizer's. */
export async function findWebhookDelivery(
  pool: pg.Pool,
  id: string,
  organizerId: string | null,
): Promise<(WebhookDeliveryView & { readonly log: readonly WebhookAttemptView[] }) | null> {
  const { rows } = await pool.query<Row>(
    `select ${COLUMNS} from webhook_deliveries d join webhook_endpoints e on e.id = d.endpoint_id
     where d.id = $1::uuid and e.deleted_at is null and ($2::uuid is null or e.organizer_id = $2)`,
    [id, organizerId],
  )
  const [row] = rows
  if (row === undefined) return null
  const log = await pool.query<{
    at: Date
    durationMs: number
    statusCode: number | null
    error: string | null
    response: string | null
  }>(
    `select at, duration_ms as "durationMs", status_code as "statusCode", error, response
     from webhook_attempts where delivery_id = $1::uuid order by id`,
    [id],
  )
  return { ...toView(row), log: log.rows.map(({ at, ...attempt }) => ({ at: at.toISOString(), ...attempt })) }
}

function toView({ nextAttemptAt, lastAttemptAt, createdAt, deliveredAt, ...row }: Row): WebhookDeliveryView {
  return {
    ...row,
    nextAttemptAt: nextAttemptAt?.toISOString() ?? null,
    lastAttemptAt: lastAttemptAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    deliveredAt: deliveredAt?.toISOString() ?? null,
  }
}
