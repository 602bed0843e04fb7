import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Database } from './connect.ts'
import { sqlState } from './sql-errors.ts'

const JOURNAL = new URL('../../../../drizzle/meta/_journal.json', import.meta.url)

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number() })).min(1) })

const UNDEFINED_TABLE = '42P01'
const UNDEFINED_SCHEMA = '3F000'

/**
 * Returns whether every migration of this program is applied. Newer ones are no obstacle: they remove nothing that this
 * program needs.
 */
export async function isSchemaCurrent(database: Database): Promise<boolean> {
  const journal = journalSchema.parse(JSON.parse(await readFile(JOURNAL, 'utf8')))
  const wanted = Math.max(...journal.entries.map(({ when }) => when))
  try {
    const { rows } = await database.pool.query<{ applied: number | null }>(
      'select max(created_at)::bigint as applied from drizzle.__drizzle_migrations',
    )
    return (rows[0]?.applied ?? 0) >= wanted
  } catch (error) {
    const state = sqlState(error)
    if (state === UNDEFINED_TABLE || state === UNDEFINED_SCHEMA) return false
    throw error
  }
}
