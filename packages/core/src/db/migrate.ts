import { fileURLToPath } from 'node:url'
import { drizzle, migrate } from './drizzle.ts'
import pg from 'pg'

const MIGRATIONS = fileURLToPath(new URL('../../../../drizzle', import.meta.url))

/** Any constant will do, as long as every version of this program uses the same. */
const MIGRATION_LOCK = 7_263_140_811

/**
 * Brings the schema up to date and makes sure that `lanes` lanes exist (never fewer than there are).
 * Any number of processes may do this at once: a session-level advisory lock lets one work and the others wait.
 */
export async function migrateDatabase(url: string, lanes: number): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK])
    await migrate(drizzle(client), { migrationsFolder: MIGRATIONS })
    await client.query('select ensure_month_partitions(3)')
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
