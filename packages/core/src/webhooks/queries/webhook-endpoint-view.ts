import type pg from 'pg'
import { columnsOf, type Shown } from '../../use-case/read-things.ts'
import { WEBHOOK_ENDPOINT } from '../../fields/webhook-endpoint.ts'

/** Endpoints as their organizer sees them, without their secrets and without those that are deleted. */
export const webhookEndpoints: Shown = {
  noun: 'webhook endpoint',
  from: '(select * from webhook_endpoints where deleted_at is null) t',
  owner: 't.organizer_id',
  columns: {
    organizerId: 't.organizer_id',
    ...columnsOf(WEBHOOK_ENDPOINT),
    status: 't.status',
    disabledReason: 't.disabled_reason',
    failingSince: 't.failing_since',
    createdAt: 't.created_at',
    updatedAt: 't.updated_at',
  },
}

export interface WebhookSecretView {
  readonly secret: string
  readonly previousSecret: string | null
  readonly previousSecretExpiresAt: string | null
}

/** Finds the secrets of an endpoint; the one before the last rotation for as long as it signs. */
export async function findWebhookSecret(
  pool: pg.Pool,
  id: string,
  organizerId: string | null,
): Promise<WebhookSecretView | null> {
  const { rows } = await pool.query<{ secret: string; previous: string | null; until: Date | null }>(
    `select secret, case when previous_secret_expires_at > now() then previous_secret end as previous,
       case when previous_secret_expires_at > now() then previous_secret_expires_at end as until
     from webhook_endpoints where id = $1::uuid and deleted_at is null and ($2::uuid is null or organizer_id = $2)`,
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
