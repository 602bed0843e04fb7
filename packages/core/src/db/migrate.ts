import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { applyMigrations, inPatientTransaction, lockMigrations } from './apply-migrations.ts'
import { readMigrations } from './migrations.ts'

const MIGRATIONS = fileURLToPath(new URL('../../../../drizzle', import.meta.url))

/**
 * Brings the schema up to date.
 * Any number of processes may do this at once: one works and the others wait. Throws `MigrationBlockedError` where the
 * tables are in use for minutes.
 */
export async function migrateDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await lockMigrations(client)
    await applyMigrations(client, await readMigrations(MIGRATIONS))
    await inPatientTransaction(client, 'Making the partitions of the next months', async () => {
      await client.query('select ensure_month_partitions(3)')
    })
  } finally {
    await client.end()
  }
}
