import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { drizzle } from './drizzle.ts'
import pg from 'pg'
import type { Logger } from '../runtime/logger.ts'
import { connectionName } from './process-tag.ts'
import { withTracing } from './statement-tracing.ts'

// Counts and amounts are bigint columns whose values the domain keeps safe; beyond that, failing beats rounding.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} is outside the safe integers`)
  return value
})

/** A pool with its Drizzle face. Each use has its own, so that none can starve another. */
export interface Database {
  readonly orm: NodePgDatabase
  readonly pool: pg.Pool
  close(): Promise<void>
}

export interface PoolOptions {
  readonly url: string
  /** Shown in `pg_stat_activity`, with the tag of this process. */
  readonly name: string
  readonly max: number
  readonly logger: Logger
  readonly statementTimeoutMs: number
  /** The longest that a transaction may allow itself beyond that; the same unless given. */
  readonly longestStatementTimeoutMs?: number
  readonly lockTimeoutMs: number
  /** A frozen process must not keep its locks: the server ends its transaction after this long. */
  readonly idleInTransactionTimeoutMs: number
  /**
   * For the hot path, whose statements look rows up by key and must keep doing so on tables that were never analyzed:
   * plans are made once, and only from indexes. A batch's cost must not depend on what is already there. `hashing`: what a
   * statement brings with it may be joined by hashes; without, two lists are compared pair by pair.
   */
  readonly indexPlansOnly?: boolean | 'hashing'
  /**
   * For lists, which read a window of rows in the order of an index: nothing is read whole to be sorted, whatever the
   * planner believes about a table that was not analyzed since it has grown.
   */
  readonly orderedPlans?: boolean
}

/** The server's own limit comes first, so that an answer that is late by this much will not come at all. */
const ANSWER_MARGIN_MS = 2_000

const INDEX_PLANS_ONLY = ' -c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_mergejoin=off'
const NO_HASHING = ' -c enable_hashjoin=off'

const ORDERED_PLANS = ' -c enable_seqscan=off -c enable_bitmapscan=off -c enable_sort=off'

/** Opens a pool. Connections are made when first needed, so this neither waits nor fails. */
export function openDatabase(options: PoolOptions): Database {
  const pool = withTracing(
    new pg.Pool({
      connectionString: options.url,
      application_name: connectionName(options.name),
      max: options.max,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      statement_timeout: options.statementTimeoutMs,
      // A server that vanishes without a word (its host died, a cable was cut) is noticed by TCP after a quarter of an hour.
      query_timeout: (options.longestStatementTimeoutMs ?? options.statementTimeoutMs) + ANSWER_MARGIN_MS,
      lock_timeout: options.lockTimeoutMs,
      idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs,
      // Not settable by pg's own options: notice a vanished client while a statement runs or waits for a lock.
      options:
        '-c client_connection_check_interval=1000 -c tcp_keepalives_idle=5 -c tcp_user_timeout=10000' +
        (options.indexPlansOnly === undefined || options.indexPlansOnly === false ? '' : INDEX_PLANS_ONLY) +
        (options.indexPlansOnly === true ? NO_HASHING : '') +
        (options.orderedPlans === true ? ORDERED_PLANS : ''),
    }),
  )
  // An idle connection that breaks must not end the process; the next query takes a fresh one.
  pool.on('error', (error) => options.logger.warn({ err: error, pool: options.name }, 'idle database connection lost'))
  return { orm: drizzle(pool), pool, close: () => pool.end() }
}

/** Waits for one answer from the server. Throws the driver's error when it cannot be reached. */
export async function pingDatabase(database: Database): Promise<void> {
  await database.pool.query('select 1')
}
