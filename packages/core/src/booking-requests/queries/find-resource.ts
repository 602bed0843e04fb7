import type pg from 'pg'
import { run } from '../../db/transaction.ts'

export interface ResourceRow {
  readonly id: string
  readonly kind: 'showtime' | 'event'
  readonly lane: number
  readonly organizerId: string
}

const FIND = {
  name: 'find-resource',
  text: 'select id, kind, lane, organizer_id as "organizerId" from resources where id = $1',
}

/** Returns identity, kind, lane and organizer of a showtime or event, or `null`. */
export async function findResource(pool: pg.Pool, id: string): Promise<ResourceRow | null> {
  const [row] = await run<ResourceRow>(pool, FIND, [id])
  return row ?? null
}
