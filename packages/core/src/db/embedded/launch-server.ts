import { type ChildProcess, spawn } from 'node:child_process'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import type { Account } from './account.ts'
import type { Binaries } from './binaries.ts'
import { type DataDirectory, serverEnvironment } from './data-directory.ts'
import { describeFileError } from './file-error.ts'
import { ownServer, stopServer } from './leftover.ts'
import { StartupError } from '../../runtime/startup-error.ts'

const READY_WITHIN_MS = 60_000
/** Only this machine, and only by TCP: a socket's path may be too long for the system. */
const NETWORK = { listen_addresses: '127.0.0.1', unix_socket_directories: '' }

const OWN_AGAIN_DELAY_MS = 500

export interface RunningServer {
  /** Resolves when the process is gone. */
  readonly ended: Promise<unknown>
  stop(): Promise<void>
}

export interface Launch {
  readonly account: Account | undefined
  readonly binaries: Binaries
  readonly directory: DataDirectory
  readonly port: number
  readonly settings: Readonly<Record<string, string>>
}

/** Resolves when the server answers and we own it. */
export async function launchServer(launch: Launch): Promise<RunningServer> {
  const { account, binaries, directory, port, settings } = launch
  const log = await openLog(directory)
  const child = spawn(
    binaries.postgres,
    ['-D', directory.cluster, '-p', String(port), ...optionFlags({ ...NETWORK, ...settings })],
    // In a session of its own, so that Ctrl-C reaches us alone and we stop it after its clients.
    { ...account, cwd: '/', env: serverEnvironment(), detached: true, stdio: ['ignore', log.fd, log.fd] },
  )
  const spawned = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  child.once('spawn', spawned.resolve)
  child.once('exit', () => ended.resolve())
  child.once('error', spawned.reject)
  try {
    await spawned.promise
  } catch (error) {
    throw new StartupError(`PostgreSQL cannot be started: ${describeFileError(error)}.`)
  } finally {
    await log.close()
  }
  const owner = await awaitReady(child, directory, port)
  let closing = false
  // The server drops every connection when one of its processes crashes; then it is still ours, and we say so again.
  const onLost = () => {
    if (!closing && child.exitCode === null && child.signalCode === null) void ownAgain()
  }
  let holder = owner
  const ownAgain = async () => {
    while (!closing && child.exitCode === null && child.signalCode === null) {
      await pause(OWN_AGAIN_DELAY_MS)
      try {
        holder = await ownServer(port, directory)
        holder.once('end', onLost)
        return
      } catch {
        // Recovering; the next round asks again.
      }
    }
  }
  owner.once('end', onLost)
  return {
    ended: ended.promise,
    stop: async () => {
      closing = true
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await stopServer(child.pid)
      await holder.end().catch(() => {})
    },
  }
}

function optionFlags(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

/**
 * Opens the log of the server's own messages since its start. A killed owner cannot break a file as it would break a
 * pipe.
 */
async function openLog(directory: DataDirectory): Promise<FileHandle> {
  try {
    return await open(directory.log, 'w', 0o600)
  } catch (error) {
    throw new StartupError(`The file ${directory.log} cannot be written: ${describeFileError(error)}.`)
  }
}

async function awaitReady(child: ChildProcess, directory: DataDirectory, port: number): Promise<pg.Client> {
  const deadline = Date.now() + READY_WITHIN_MS
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) throw await explainEnd(directory)
    try {
      return await ownServer(port, directory)
    } catch (error) {
      if (error instanceof StartupError || Date.now() > deadline) {
        child.kill('SIGQUIT')
        throw error instanceof StartupError
          ? error
          : new StartupError(`PostgreSQL did not get ready in time; its log is ${directory.log}.`)
      }
      await pause(25)
    }
  }
}

async function explainEnd(directory: DataDirectory): Promise<StartupError> {
  const log = await readFile(directory.log, 'utf8').catch(() => '')
  if (log.includes('postmaster.pid" already exists')) {
    return new StartupError(
      `Another Boxoffice is running on the data in ${directory.cluster}; stop it first, or set another DATA_DIR.`,
    )
  }
  // A reason (could not bind, no memory) comes as a warning or log line before the fatal one.
  const reasons = log
    .split('\n')
    .filter((line) => /(LOG|WARNING|FATAL|PANIC): .*(could not|cannot|invalid|must)/.test(line))
  const reason = (reasons[0] ?? log.trim().split('\n').at(-1) ?? '').replace(/^.*?(LOG|WARNING|FATAL|PANIC): +/, '')
  return new StartupError(`PostgreSQL ended while starting: ${reason || `its log is ${directory.log}`}.`)
}
