import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Table } from '../results/results.ts'
import { type CpuProfile, profilePaths, topSelfTimes } from './cpu-profile.ts'
import type { Watched } from './process-usage.ts'

const MAX_FUNCTIONS = 25
const MAX_STATEMENTS = 12

interface StatementCost {
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
  readonly text: string
}

/** Forgets what filling the database has cost. Needs the extension pg_stat_statements. */
export async function resetStatements({ pool }: Database): Promise<void> {
  await pool.query('select pg_stat_statements_reset(0, oid, 0) from pg_database where datname = current_database()')
}

/** Returns tables of where the time of a run went. Its processes have ended, and it is not verified yet. */
export async function readTimeSpent(
  run: string,
  profile: CpuProfile,
  watched: readonly Watched[],
  database: Database,
): Promise<Table[]> {
  const title = `Where the time went: ${run}`
  const functions = await Promise.all(
    profilePaths(profile, watched).map(async ({ name, path }): Promise<Table> => ({
      title: `${title}, ${name}`,
      about: ['self time of functions'],
      header: ['', 'ms', 'of busy'],
      rows: ((await topSelfTimes(path, MAX_FUNCTIONS)) ?? []).map(({ what, ms, share }) => [
        what,
        String(ms),
        `${(share * 100).toFixed(1)} %`,
      ]),
    })),
  )
  const statements = await costliestStatements(database)
  return [
    ...functions,
    {
      title: `${title}, PostgreSQL`,
      about: [],
      header: ['', 'calls', 'total ms', 'mean ms'],
      rows: statements.map(({ text, ...numbers }) => [
        text,
        ...[numbers.calls, numbers.totalMs, numbers.meanMs].map(String),
      ]),
    },
  ]
}

async function costliestStatements({ pool }: Database): Promise<StatementCost[]> {
  const { rows } = await pool.query<StatementCost>(
    `select calls::int, round(total_exec_time)::int as "totalMs", round(mean_exec_time::numeric, 3)::float8 as "meanMs",
       left(regexp_replace(trim(query), '\\s+', ' ', 'g'), 90) as text
     from pg_stat_statements s join pg_database d on d.oid = s.dbid
     where d.datname = current_database() order by total_exec_time desc limit $1`,
    [MAX_STATEMENTS],
  )
  return rows
}
