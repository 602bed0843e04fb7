import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { DiskWritten } from '../results/results.ts'

/** A part of the run in which arrivals of one stream alone come: what their refusals cost on disk is measured. */
export interface DiskWindow {
  /** Its name. */
  readonly stream: string
  /** Milliseconds from the run's start. */
  readonly fromMs: number
  readonly untilMs: number
}

type Bytes = Pick<DiskWritten, 'walBytes' | 'tableBytes'>

/**
 * Reads how much PostgreSQL has written at both ends of a part of the run that begins now: into its log, and into the
 * files of tables and indexes. Everybody's writing counts, so nobody else should be busy meanwhile.
 */
export async function readDiskWritten(
  database: Database,
  { fromMs, untilMs }: DiskWindow,
  signal: AbortSignal,
): Promise<Bytes> {
  await pause(fromMs, undefined, { signal })
  const before = await readBytes(database)
  await pause(untilMs - fromMs, undefined, { signal })
  const after = await readBytes(database)
  return { walBytes: after.walBytes - before.walBytes, tableBytes: after.tableBytes - before.tableBytes }
}

async function readBytes({ pool }: Database): Promise<Bytes> {
  const { rows } = await pool.query<Bytes>(
    `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as "walBytes",
       pg_database_size(current_database())::float8 as "tableBytes"`,
  )
  const [bytes] = rows
  if (bytes === undefined) throw new Error('PostgreSQL did not say how much it has written')
  return bytes
}
