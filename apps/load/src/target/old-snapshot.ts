import type { Database } from '@boxoffice/core/db/connect.ts'

/**
 * Holds a snapshot open in a session of its own, as a dump or a long report does: from here on no dead row version can
 * be removed. Returns a function that lets go of it.
 */
export async function holdOldSnapshot(database: Database): Promise<() => Promise<void>> {
  const client = await database.pool.connect()
  await client.query('begin isolation level repeatable read')
  await client.query('select 1')
  const { rows } = await database.pool.query<{ held: boolean }>(
    `select bool_or(backend_xmin is not null) as held from pg_stat_activity
     where datname = current_database() and state = 'idle in transaction'`,
  )
  if (rows[0]?.held !== true) throw new Error('the session holds no snapshot')
  return async () => {
    try {
      await client.query('rollback')
      client.release()
    } catch (error) {
      client.release(error instanceof Error ? error : true)
    }
  }
}
