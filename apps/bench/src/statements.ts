import type { Database } from '@boxoffice/core/db/connect.ts'

/** What one statement cost the server in a run. */
export interface StatementCost {
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  readonly text: string
}

/** Forgets what the database was filled with. Needs the extension pg_stat_statements. */
export async function resetStatements({ pool }: Database): Promise<void> {
  await pool.query('select pg_stat_statements_reset(0, oid, 0) from pg_database where datname = current_database()')
}

/** The costliest statements since then. */
export async function costliestStatements(database: Database, limit: number): Promise<StatementCost[]> {
  const { rows } = await database.pool.query<StatementCost>(
    `select calls::int, round(total_exec_time)::int as "totalMs", round(mean_exec_time::numeric, 3)::float8 as "meanMs",
       left(regexp_replace(trim(query), '\\s+', ' ', 'g'), 90) as text
     from pg_stat_statements s join pg_database d on d.oid = s.dbid
     where d.datname = current_database() order by total_exec_time desc limit $1`,
    [limit],
  )
  return rows
}
