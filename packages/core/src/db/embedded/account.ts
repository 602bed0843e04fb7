import { execFile } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { StartupError } from '../../runtime/startup-error.ts'

const run = promisify(execFile)

/** System account that the server runs as; absent where it is our own, for PostgreSQL refuses to run as root only. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * Returns the account `postgres` if we are root, and creates it if it is missing. Otherwise returns `undefined`: the
 * server runs as ourselves.
 */
export async function findServerAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const known = await lookUpAccount()
  if (known !== undefined) return known
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres'])
  } catch {
    // Another process may have made it meanwhile; what counts is whether it is there now.
  }
  const made = await lookUpAccount()
  if (made !== undefined) return made
  throw new StartupError(
    'PostgreSQL does not run as root and no account "postgres" exists or could be made; start as another user, or set DATABASE_URL.',
  )
}

async function lookUpAccount(): Promise<Account | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch {
    return undefined
  }
}

/**
 * Returns whether the account may read `path` (and enter it, if it is a directory) and enter every directory above it.
 */
export async function canReach(account: Account | undefined, path: string): Promise<boolean> {
  return account === undefined || ((await allows(account, path, 0o5)) && (await canEnter(account, dirname(path))))
}

/** Returns whether the account may enter `directory` and every directory above it. */
export async function canEnter(account: Account | undefined, directory: string): Promise<boolean> {
  if (account === undefined) return true
  for (let at = directory; ; at = dirname(at)) {
    if (!(await allows(account, at, 0o1))) return false
    if (at === dirname(at)) return true
  }
}

/** Returns whether the account has `bits` (4 read, 2 write, 1 execute). Ignores access lists and further groups. */
async function allows(account: Account, path: string, bits: number): Promise<boolean> {
  const { uid, gid, mode } = await stat(path)
  const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0
  return ((mode >> shift) & bits) === bits
}
