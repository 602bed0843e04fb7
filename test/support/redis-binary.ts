import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const INSTALL_WITHIN_MS = 180_000

/** Finds `redis-server` on PATH, or installs it with apt if it runs as root. Never throws. */
export async function findRedisServer(): Promise<{ path: string | undefined; reason: string }> {
  const found = await lookUp('redis-server')
  if (found !== undefined) return { path: found, reason: '' }
  if (process.getuid?.() !== 0) {
    return { path: undefined, reason: 'redis-server is not on PATH and only root could install it' }
  }
  if ((await lookUp('apt-get')) === undefined) {
    return { path: undefined, reason: 'redis-server is not on PATH and there is no apt-get to install it' }
  }
  try {
    await install()
  } catch (error) {
    const lines = error instanceof Error ? error.message.trim().split('\n') : []
    return { path: undefined, reason: `apt-get could not install redis-server (${lines.at(-1) ?? 'no reason given'})` }
  }
  return { path: await lookUp('redis-server'), reason: 'apt-get installed no redis-server' }
}

async function install(): Promise<void> {
  // RUNLEVEL=1 keeps the package from starting a server on the default port.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  const options = { env, timeout: INSTALL_WITHIN_MS }
  const packages = ['install', '-y', '--no-install-recommends', 'redis-server']
  try {
    await run('apt-get', packages, options)
  } catch {
    // A fresh image has no package lists.
    await run('apt-get', ['update'], options)
    await run('apt-get', packages, options)
  }
}

async function lookUp(program: string): Promise<string | undefined> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, program)
    try {
      await access(path, constants.X_OK)
      return path
    } catch {
      // It is not in this folder.
    }
  }
  return undefined
}
