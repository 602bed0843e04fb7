import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { inject } from 'vitest'
import { z } from 'zod'
import { applyMigrations } from '@boxoffice/core/db/apply-migrations.ts'
import { drizzle } from '@boxoffice/core/db/drizzle.ts'
import { readMigrations } from '@boxoffice/core/db/migrations.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Drizzle's own runner, with which the first versions migrated. */
const { migrate } = createRequire(join(ROOT, 'packages/core/package.json'))('drizzle-orm/node-postgres/migrator') as {
  migrate(database: unknown, config: { readonly migrationsFolder: string }): Promise<void>
}

/** Runs `work` on a database without a schema, which is dropped afterwards. */
export async function withEmptyDatabase(work: (url: string, client: pg.Client) => Promise<void>): Promise<void> {
  const administrator = new pg.Client({ connectionString: inject('postgresUrl') })
  await administrator.connect()
  const name = `test_${randomBytes(6).toString('hex')}`
  await administrator.query(`create database ${name}`)
  const url = new URL(inject('postgresUrl'))
  url.pathname = `/${name}`
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await work(url.href, client)
  } finally {
    await client.end()
    await administrator.query(`drop database ${name} with (force)`)
    await administrator.end()
  }
}

const journalSchema = z.looseObject({ entries: z.array(z.looseObject({ tag: z.string() })) })

/** The last migration that a version applied with drizzle's runner, which knows transactions alone. */
const LAST_WITH_DRIZZLE = '0008_growing_tables'

/**
 * Applies the migrations up to `last` (a file's name without its ending) as a version that ended there would have: the first
 * ones with drizzle's runner, whose notes we must understand.
 */
export async function migrateUpTo(client: pg.Client, last: string): Promise<void> {
  await migrateWithDrizzle(client, last < LAST_WITH_DRIZZLE ? last : LAST_WITH_DRIZZLE)
  const migrations = await readMigrations(join(ROOT, 'drizzle'))
  await applyMigrations(client, migrations.slice(0, migrations.findIndex(({ tag }) => tag === last) + 1))
}

async function migrateWithDrizzle(client: pg.Client, last: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'boxoffice-drizzle-'))
  try {
    await cp(join(ROOT, 'drizzle'), folder, { recursive: true })
    const path = join(folder, 'meta/_journal.json')
    const journal = journalSchema.parse(JSON.parse(await readFile(path, 'utf8')))
    const entries = journal.entries.slice(0, journal.entries.findIndex(({ tag }) => tag === last) + 1)
    await writeFile(path, JSON.stringify({ ...journal, entries }))
    await migrate(drizzle(client), { migrationsFolder: folder })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
