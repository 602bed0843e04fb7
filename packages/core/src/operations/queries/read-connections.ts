import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** The server's connections, and who has them. */
export interface ServerConnections {
  /** Connections that it gives to ordinary users. */
  readonly available: number
  /** Name of each open connection, over all databases of the server. */
  readonly names: readonly string[]
}

/*
 * Names are shown to everybody, the kind of a process is not: whoever has a user is a client. `reserved_connections` came
 * with PostgreSQL 16.
 */
const READ = {
  name: 'read-connections',
  text: `
    select
      current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0) as available,
      (select coalesce(json_agg(application_name), '[]') from pg_stat_activity where usesysid is not null) as names`,
}

export async function readConnections(pool: pg.Pool): Promise<ServerConnections> {
  const [row] = await run<ServerConnections & pg.QueryResultRow>(pool, READ, [])
  if (row === undefined) throw new Error('the connections returned no row')
  return row
}
