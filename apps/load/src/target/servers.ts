import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Database, openDatabase } from '@boxoffice/core/db/connect.ts'
import { startEmbeddedPostgres } from '@boxoffice/core/db/embedded-postgres.ts'
import { migrateDatabase } from '@boxoffice/core/db/migrate.ts'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { type Child, ChildError, startChild } from './child-process.ts'
import { parentOf, type Watched } from '../measure/process-usage.ts'

const run = promisify(execFile)

const TEMPLATE = 'load_template'
/** Loading and verifying hundreds of thousands of rows. */
const PATIENCE_MS = 900_000
const REDIS_READY_WITHIN_MS = 10_000

const logger = createLogger('load', 'error')
/** Connections that end with their database are not worth a message. */
const silent = createLogger('load', 'silent')

/** A database of one run, with a pool for our own statements. */
export interface LoadDatabase {
  readonly url: string
  readonly database: Database
  drop(): Promise<void>
}

/** The servers that everything runs on. */
export interface Servers {
  /** `null`: there is none. */
  readonly queueUrl: string | null
  readonly watched: readonly Watched[]
  readonly versions: { readonly postgres: string; readonly redis: string }
  /** The directory of PostgreSQL's data. */
  readonly dataDirectory: string
  /** A fresh, migrated database, and Redis emptied: no run inherits anything from the one before. */
  prepare(name: string): Promise<LoadDatabase>
  stop(): Promise<void>
}

export interface ServerOptions {
  /** The parent of the temporary directory. */
  readonly parent: string
  /** `auto`: where there is a `redis-server`. */
  readonly redis: 'required' | 'auto' | 'none'
  readonly statementStatistics: boolean
  /** Prepares PostgreSQL's log, so that the first runs are as fast as the later ones. */
  readonly warmLog: boolean
}

/**
 * Starts PostgreSQL (with the product's own settings, fsync and synchronous_commit on) and Redis (without append-only file:
 * nothing in it has to last) below a temporary directory. Throws a `StartupError` with one clear sentence.
 */
export async function startServers(options: ServerOptions): Promise<Servers> {
  const redisProgram = options.redis === 'none' ? null : findOnPath('redis-server')
  if (redisProgram === null && options.redis === 'required') {
    throw new StartupError(
      'The benchmark needs redis-server (6.2 or later) on PATH; on Debian: apt-get install redis-server.',
    )
  }
  const directory = await mkdtemp(join(options.parent, 'boxoffice-load-'))
  // As root the server runs as another user, who must get in.
  await chmod(directory, 0o711)
  const undo: (() => Promise<unknown>)[] = [() => removeData(directory)]
  const stop = async () => {
    for (let step = undo.pop(); step !== undefined; step = undo.pop()) await step()
  }
  try {
    const postgres = await startEmbeddedPostgres({
      dataDir: directory,
      logger,
      serverOptions: {
        min_wal_size: '1GB',
        ...(options.statementStatistics && {
          shared_preload_libraries: 'pg_stat_statements',
          'pg_stat_statements.track_utility': 'on',
        }),
      },
    })
    undo.push(() => postgres.stop())
    const redis = redisProgram === null ? null : await startRedis(redisProgram, directory)
    if (redis !== null) undo.push(() => redis.child.stop())

    const administer = openPool(postgres.url)
    undo.push(() => administer.close())
    await administer.pool.query(`create database ${TEMPLATE}`)
    const template = urlOf(postgres.url, TEMPLATE)
    await migrateDatabase(template)
    if (options.warmLog) await warmLog(administer)
    if (options.statementStatistics) await execute(template, 'create extension pg_stat_statements')

    const { rows } = await administer.pool.query<{ pid: number; version: string }>(
      `select pg_backend_pid() as pid, current_setting('server_version') as version`,
    )
    const postmaster = parentOf(rows[0]?.pid ?? 0)
    return {
      queueUrl: redis === null ? null : `redis://127.0.0.1:${redis.port}`,
      watched: [
        ...(postmaster === null ? [] : [{ name: 'postgres', pid: postmaster, withChildren: true }]),
        ...(redis === null ? [] : [{ name: 'redis', pid: redis.child.pid }]),
      ],
      versions: {
        postgres: rows[0]?.version ?? 'unknown',
        redis: redisProgram === null ? 'none' : await redisVersion(redisProgram),
      },
      dataDirectory: directory,
      prepare: async (name) => {
        if (redis !== null) await redisCommand(redis.port, 'FLUSHALL')
        await administer.pool.query(`create database ${name} template ${TEMPLATE}`)
        // Every run begins right after a checkpoint, so that each pays the same for what is written the first time.
        await administer.pool.query('checkpoint')
        const url = urlOf(postgres.url, name)
        const database = openPool(url)
        return {
          url,
          database,
          drop: async () => {
            await database.close()
            await administer.pool.query(`drop database ${name} with (force)`)
          },
        }
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Warms up the log. A server that has run for a while writes its log into recycled files. A fresh one has to make each
 * of them first, which halved the rate of the first runs.
 */
async function warmLog(database: Database): Promise<void> {
  await database.pool.query(
    `create table log_filler as select repeat(md5(i::text), 30) as filler from generate_series(1, 800000) as i`,
  )
  await database.pool.query('drop table log_filler')
  await database.pool.query('checkpoint')
}

function openPool(url: string): Database {
  return openDatabase({
    url,
    name: 'load',
    max: 4,
    logger: silent,
    statementTimeoutMs: PATIENCE_MS,
    lockTimeoutMs: PATIENCE_MS,
    // One of the scenarios keeps a transaction open on purpose.
    idleInTransactionTimeoutMs: PATIENCE_MS,
  })
}

async function execute(url: string, statement: string): Promise<void> {
  const database = openPool(url)
  try {
    await database.pool.query(statement)
  } finally {
    await database.close()
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

async function startRedis(program: string, directory: string): Promise<{ child: Child; port: number }> {
  const port = await findFreePort()
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir: directory,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
  }
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const child = startChild({ name: 'redis-server', command: program, args, talks: false })
  const deadline = Date.now() + REDIS_READY_WITHIN_MS
  for (;;) {
    const answer = await Promise.race([redisCommand(port, 'PING').catch(() => ''), child.failed])
    if (answer.startsWith('+PONG')) return { child, port }
    if (Date.now() > deadline) {
      await child.stop()
      throw new ChildError('redis-server did not answer in time.')
    }
    await pause(25)
  }
}

/** Sends one inline command (Redis protocol specification, "Inline commands"). Returns the beginning of the answer. */
export function redisCommand(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.setTimeout(10_000, () => socket.destroy(new Error(`redis-server did not answer ${text}`)))
    socket.once('error', reject)
    socket.once('data', (answer) => {
      resolve(answer.toString())
      socket.destroy()
    })
    socket.write(`${text}\r\n`)
  })
}

async function redisVersion(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version'])
  return /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown'
}

function findOnPath(program: string): string | null {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, program)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {
      // Not here.
    }
  }
  return null
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port is free on 127.0.0.1'))
        else resolve(address.port)
      })
    })
  })
}

/** Removes the data, which may be a link to a place outside `directory` that the server can reach. */
async function removeData(directory: string): Promise<void> {
  const data = await realpath(join(directory, 'postgres')).catch(() => null)
  if (data !== null) await rm(data, { recursive: true, force: true })
  await rm(directory, { recursive: true, force: true })
}
