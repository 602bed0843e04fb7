import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { platform } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { anotherOwner } from './claim.ts'
import { errorCode } from './file-error.ts'
import { OWNER, type DataDirectory } from './data-directory.ts'
import { StartupError } from '../../runtime/startup-error.ts'

const run = promisify(execFile)

/** Any constant will do; the lock is taken in the server's `postgres` database, which nothing else uses. */
const OWNER_LOCK = 7_263_140_813
const ANSWER_WITHIN_MS = 20_000
/** The server needs a moment to notice that an owner which was killed is gone. */
const OWNER_GONE_WITHIN_MS = 2_000
const FAST_STOP_MS = 15_000
const IMMEDIATE_STOP_MS = 5_000

/**
 * Connects as the owner of the server. Who holds this connection's lock owns the data directory: the server itself
 * gives it up when its holder dies, however that happened, so there is no stale lock to tell from a live one.
 * Throws `StartupError` where another process holds it, the driver's error where the server does not answer.
 */
export async function ownServer(port: number, directory: DataDirectory): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: OWNER,
    password: directory.password,
    database: 'postgres',
    application_name: 'boxoffice owner',
    connectionTimeoutMillis: 3_000,
    // Somebody else may listen on the port by now, who accepts and says nothing.
    query_timeout: 5_000,
    keepAlive: true,
  })
  // Losing this connection is dealt with by whoever watches the server; unheard it would end the process.
  client.on('error', () => {})
  await client.connect()
  const deadline = Date.now() + OWNER_GONE_WITHIN_MS
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1) as locked', [OWNER_LOCK])
    if (rows[0]?.locked === true) return client
    if (Date.now() > deadline) break
    await pause(100)
  }
  await client.end()
  throw anotherOwner(directory.cluster)
}

/**
 * Stops a server that an owner which was killed left behind, and with it whatever is still connected. Stopping rather
 * than taking it over gives the next server this version's options and an owner that sees it end.
 * Throws `StartupError` where its owner lives or it cannot be stopped.
 */
export async function stopLeftover(directory: DataDirectory): Promise<void> {
  const deadline = Date.now() + ANSWER_WITHIN_MS
  for (;;) {
    const server = await readPidFile(directory.cluster)
    if (server === undefined) return
    if (!(await isPostgres(server.pid))) {
      // The number was given to another program since; PostgreSQL would take that one for its predecessor.
      await rm(join(directory.cluster, 'postmaster.pid'), { force: true })
      return
    }
    try {
      await ownServer(server.port, directory)
      await stopServer(server.pid)
      return
    } catch (error) {
      if (error instanceof StartupError) throw error
      if (Date.now() > deadline) {
        throw new StartupError(
          `A PostgreSQL server (process ${server.pid}) has the data in ${directory.cluster} open and does not answer; stop it first.`,
        )
      }
      // Still starting, recovering or stopping: it answers or is gone in a moment.
      await pause(200)
    }
  }
}

/** Stops a server: fast first (connections are ended, everything is written), then at once. Resolves when it is gone. */
export async function stopServer(pid: number): Promise<void> {
  for (const [signal, withinMs] of [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ] as const) {
    if (!sendSignal(pid, signal)) return
    const deadline = Date.now() + withinMs
    while (Date.now() < deadline) {
      if (!(await isPostgres(pid))) return
      await pause(20)
    }
  }
  throw new StartupError(`The PostgreSQL server (process ${pid}) cannot be stopped.`)
}

function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal)
    return true
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false
    throw error
  }
}

/** Lines of postmaster.pid: process id, data directory, start time, port, … (PostgreSQL manual, "Database File Layout"). */
async function readPidFile(cluster: string): Promise<{ pid: number; port: number } | undefined> {
  try {
    const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')
    const [pid, port] = [Number(lines[0]), Number(lines[3])]
    return pid > 0 ? { pid, port: port > 0 ? port : 1 } : undefined
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    if (platform() === 'linux') {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
      // A process that ended but is not reaped yet (state Z) still has its name.
      return stat.includes('(postgres)') && !stat.includes('(postgres) Z')
    }
    if (platform() === 'win32') return sendSignalNothing(pid)
    return (await run('ps', ['-o', 'comm=', '-p', String(pid)])).stdout.includes('postgres')
  } catch {
    return false
  }
}

function sendSignalNothing(pid: number): boolean {
  process.kill(pid, 0)
  return true
}
