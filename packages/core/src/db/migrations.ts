import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** One file of the migrations folder. */
export interface Migration {
  /** The file's name without its ending. */
  readonly tag: string
  /**
   * Time of its generation, in milliseconds since the epoch. A database has applied all migrations up to the latest it
   * knows.
   */
  readonly when: number
  readonly hash: string
  readonly statements: readonly string[]
  /** Applied as a whole or not at all; not so where the file begins with `OUTSIDE`. */
  readonly inTransaction: boolean
}

/** First line of a migration whose statements cannot run in a transaction, as CREATE INDEX CONCURRENTLY cannot. */
const OUTSIDE = '-- outside a transaction'

const journalSchema = z.object({ entries: z.array(z.object({ when: z.number(), tag: z.string() })).min(1) })

/** Reads drizzle-kit's journal and the files that it names, in its order. Throws where one is missing. */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const journal = journalSchema.parse(JSON.parse(await readFile(join(folder, 'meta/_journal.json'), 'utf8')))
  return Promise.all(
    journal.entries.map(async ({ tag, when }) => {
      const text = await readFile(join(folder, `${tag}.sql`), 'utf8')
      return {
        tag,
        when,
        hash: createHash('sha256').update(text).digest('hex'),
        statements: text.split('--> statement-breakpoint'),
        inTransaction: !text.startsWith(OUTSIDE),
      }
    }),
  )
}
