import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, mkdir, readdir, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Logger } from '../../runtime/logger.ts'
import { makeDirectory } from '../../runtime/make-directory.ts'
import { type Account, canEnter } from './account.ts'
import { type Binaries, SHARED_DIRECTORY } from './binaries.ts'
import { describeFileError, errorCode } from './file-error.ts'
import { readOrMakePassword } from './password.ts'
import { StartupError } from '../../runtime/startup-error.ts'

const run = promisify(execFile)

const MAJOR_VERSION = '18'
const ABANDONED_AFTER_MS = 5 * 60_000

/** Superuser of the embedded server, and the name of its database. */
export const OWNER = 'boxoffice'

/** Files of the server, all owned by the server's account and closed to everybody else. */
export interface DataDirectory {
  /** PostgreSQL's own directory (PGDATA). */
  readonly cluster: string
  readonly log: string
  readonly password: string
}

/**
 * Makes `dataDir/postgres` with a password and an initialised cluster, or takes the one that is there. Where the
 * server's account cannot enter `dataDir`, `dataDir/postgres` is a link to a directory of `/var/lib/boxoffice`.
 */
export async function prepareDataDirectory(options: {
  dataDir: string
  account: Account | undefined
  binaries: Binaries
  logger: Logger
  /** Off skips waiting for the disk, for tests only. */
  durable: boolean
}): Promise<DataDirectory> {
  const { account, binaries, durable } = options
  const dataDir = resolve(options.dataDir)
  try {
    const home = await makeHome(dataDir, account, options.logger)
    const password = await readOrMakePassword(join(home, 'password'), account)
    const cluster = join(home, 'cluster')
    if (!(await exists(cluster))) await initialise({ home, cluster, account, binaries, durable })
    await checkVersion(cluster)
    return { cluster, log: join(home, 'server.log'), password }
  } catch (error) {
    if (error instanceof StartupError) throw error
    throw new StartupError(`The data directory ${dataDir} cannot be used: ${describeFileError(error)}.`)
  }
}

/** Returns the cluster below `dataDir`; `null` if none has been created. */
export async function findCluster(dataDir: string): Promise<string | null> {
  return realpath(join(dataDir, 'postgres', 'cluster')).catch(() => null)
}

async function makeHome(dataDir: string, account: Account | undefined, logger: Logger): Promise<string> {
  if ((await makeDirectory(dataDir)) && account !== undefined) {
    // Made by us just now: open for entering only, whatever the umask.
    await chmod(dataDir, 0o711)
  }
  const home = join(dataDir, 'postgres')
  if (!(await exists(home))) await makeHomeAt(dataDir, home, account, logger)
  const real = await realpath(home)
  if (account !== undefined) await chown(real, account.uid, account.gid)
  // Fails where the directory is another user's, which is better said now than by the server.
  await chmod(real, 0o700)
  return real
}

async function makeHomeAt(dataDir: string, home: string, account: Account | undefined, logger: Logger): Promise<void> {
  if (await canEnter(account, await realpath(dataDir))) {
    await mkdir(home, { recursive: true, mode: 0o700 })
    return
  }
  const elsewhere = join(SHARED_DIRECTORY, `data-${randomBytes(6).toString('hex')}`)
  await mkdir(elsewhere, { recursive: true, mode: 0o700 })
  await chmod(SHARED_DIRECTORY, 0o755)
  try {
    await symlink(elsewhere, home)
  } catch (error) {
    await rm(elsewhere, { recursive: true, force: true })
    if (errorCode(error) !== 'EEXIST') throw error
  }
  logger.info(`the account "postgres" cannot enter ${dataDir}, so its data is kept in ${await realpath(home)}`)
}

/** Initialises beside the final place and renames, so that two at once or an interrupted one leave no half cluster. */
async function initialise(options: {
  home: string
  cluster: string
  account: Account | undefined
  binaries: Binaries
  durable: boolean
}): Promise<void> {
  const { home, cluster, account, binaries, durable } = options
  await removeAbandoned(home)
  const staging = join(home, `cluster.new-${randomBytes(6).toString('hex')}`)
  const flags = [
    `--pgdata=${staging}`,
    `--username=${OWNER}`,
    `--pwfile=${join(home, 'password')}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // Built in, so that order and case do not depend on what the machine has installed.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    ...(durable ? [] : ['--no-sync']),
  ]
  try {
    await run(binaries.initdb, flags, { ...account, cwd: '/', env: serverEnvironment() })
    await rename(staging, cluster)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    if (await exists(cluster)) return
    throw new StartupError(`PostgreSQL cannot make a database in ${home}: ${lastLine(error)}`)
  }
}

async function removeAbandoned(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith('cluster.new-')) continue
    const { mtimeMs } = await stat(join(home, name))
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(join(home, name), { recursive: true, force: true })
  }
}

async function checkVersion(cluster: string): Promise<void> {
  const version = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim()
  if (version === MAJOR_VERSION) return
  throw new StartupError(
    `The data in ${cluster} was written by PostgreSQL ${version}, and this program brings ${MAJOR_VERSION}; dump it with the older version, or set another DATA_DIR.`,
  )
}

/** Returns the environment of the server's programs, without the caller's PG* variables. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
}

function lastLine(error: unknown): string {
  const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  const lines = output.trim().split('\n')
  return lines.findLast((line) => line.includes('rror')) ?? describeFileError(error)
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false
    throw error
  }
}
