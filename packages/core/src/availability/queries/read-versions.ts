import type pg from 'pg'
import { run } from '../../db/transaction.ts'

const READ_VERSIONS = {
  name: 'read-versions',
  text: `
    select s.resource_id as id, s.version
      from unnest($1::uuid[]) as wanted (id)
     cross join lateral (select resource_id, version from resource_state where resource_id = wanted.id offset 0) s`,
}

/** Returns the current version of each of these resources; those that do not exist are missing. */
export async function readVersions(
  executor: pg.Pool | pg.PoolClient,
  resourceIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await run<{ id: string; version: number }>(executor, READ_VERSIONS, [resourceIds])
  return new Map(rows.map(({ id, version }) => [id, version]))
}
