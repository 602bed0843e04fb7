import type pg from 'pg'

/** Progress of a cancelled showtime or event with its bookings. Times RFC 3339. */
export interface CancellationView {
  readonly status: 'running' | 'finished'
  readonly reason: string
  readonly total: number
  readonly cancelled: number
  readonly failed: number
  readonly startedAt: string
  readonly finishedAt: string | null
}

interface Row extends Record<string, unknown> {
  readonly reason: string
  readonly total: number
  readonly cancelled: number
  readonly failed: number
  readonly startedAt: Date
  readonly finishedAt: Date | null
}

/**
 * Returns the progress; `null` if it does not exist, and if it was never cancelled.
 *
 * @param organizerId organizer that it must belong to; `null` is any
 */
export async function findCancellation(
  pool: pg.Pool,
  kind: 'showtime' | 'event',
  id: string,
  organizerId: string | null,
): Promise<CancellationView | null> {
  const { rows } = await pool.query<Row>(
    `select c.reason, c.total, c.cancelled, c.failed, c.started_at as "startedAt", c.finished_at as "finishedAt"
     from resource_cancellations c join resources r on r.id = c.resource_id
     where r.id = $1::uuid and r.kind = $2 and ($3::uuid is null or r.organizer_id = $3)`,
    [id, kind, organizerId],
  )
  const [row] = rows
  if (row === undefined) return null
  const { startedAt, finishedAt, ...rest } = row
  return {
    status: finishedAt === null ? 'running' : 'finished',
    reason: rest.reason,
    total: rest.total,
    cancelled: rest.cancelled,
    failed: rest.failed,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
  }
}
