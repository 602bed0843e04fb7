import type pg from 'pg'
import { run } from '../transaction.ts'

const FIND = { name: 'find-hold-ttl', text: 'select hold_ttl_ms as "holdTtlMs" from resources where id = $1' }

/** How long places of a showtime or event are held, or `null` where there is none. */
export async function findHoldTtl(pool: pg.Pool, resourceId: string): Promise<number | null> {
  const [row] = await run<{ holdTtlMs: number }>(pool, FIND, [resourceId])
  return row?.holdTtlMs ?? null
}
