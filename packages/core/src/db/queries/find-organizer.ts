import type pg from 'pg'
import { run } from '../transaction.ts'

const FIND = { name: 'find-organizer-name', text: 'select name from organizers where id = $1' }

/** The organizer's name; empty where there is no such organizer. */
export async function findOrganizerName(pool: pg.Pool, id: string): Promise<string> {
  const [row] = await run<{ name: string }>(pool, FIND, [id])
  return row?.name ?? ''
}
