import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { applyMigrations, inPatientTransaction, lockMigrations } from './apply-migrations.ts'
import { readMigrations } from './migrations.ts'

const MIGRATIONS = fileURLToPath(new URL('../../../../drizzle', import.meta.url))

/**
 * Brings the schema up to date and makes sure that `lanes` lanes exist (never fewer than there are).
 * Any number of processes may do this at once: one works and the others wait. Throws `MigrationBlockedError` where the
 * tables are in use for minutes.
 */
export async function migrateDatabase(url: string, lanes: number): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await lockMigrations(client)
    await applyMigrations(client, await readMigrations(MIGRATIONS))
    await inPatientTransaction(client, 'Making the partitions of the next months', async () => {
      await client.query('select ensure_month_partitions(3)')
    })
    await client.query(
      `with wanted as (select generate_series(0, $1::int - 1) as id),
            made as (insert into lanes (id) select id from wanted on conflict do nothing)
       insert into lane_intake (lane) select id from wanted on conflict do nothing`,
      [lanes],
    )
  } finally {
    await client.end()
  }
}
