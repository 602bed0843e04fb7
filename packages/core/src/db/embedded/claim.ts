import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { errorCode } from './file-error.ts'
import { StartupError } from '../../runtime/startup-error.ts'

/** Addresses of Unix sockets are shorter than paths may be (108 bytes on Linux, 104 on macOS). */
const MAX_SOCKET_PATH = 100

/**
 * Claims a data directory for this process by listening on a socket in it: whoever can connect knows that the owner
 * lives, and a socket whose owner died refuses at once. The lock inside the server cannot do this alone, for while the
 * server is being started again nobody holds it. Returns a function that gives the claim up.
 * Throws `StartupError` where another owner lives.
 */
export async function claimDirectory(cluster: string): Promise<() => void> {
  const path = socketPath(cluster)
  const claimed = (await listenAt(path)) ?? (await takeOver(cluster, path))
  if (claimed === null) throw anotherOwner(cluster)
  // It must not keep the process alive.
  claimed.unref()
  return () => claimed.close()
}

/** Throws `StartupError` where another owner lives, and claims nothing. */
export async function refuseOwned(cluster: string): Promise<void> {
  if (await answers(socketPath(cluster))) throw anotherOwner(cluster)
}

/** Takes the place of an owner that died; `null` where another process is quicker. */
async function takeOver(cluster: string, path: string): Promise<Server | null> {
  if (await answers(path)) throw anotherOwner(cluster)
  await rm(path, { force: true })
  return listenAt(path)
}

/** Listens at a socket; returns `null` if the socket exists already, whether its owner is dead or alive. */
function listenAt(path: string): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy())
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (errorCode(error) === 'EADDRINUSE' ? resolve(null) : reject(error)))
    server.listen(path, () => resolve(server))
  })
}

export function anotherOwner(cluster: string): StartupError {
  return new StartupError(
    `Another Boxoffice is running on the data in ${cluster}; stop it first, or set another DATA_DIR.`,
  )
}

function socketPath(cluster: string): string {
  const path = `${cluster}.owner`
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path
  const digest = createHash('sha256').update(cluster).digest('hex').slice(0, 16)
  return join(tmpdir(), `boxoffice-${digest}.owner`)
}

/** Returns whether the owner of the socket is alive. Rejects if that cannot be known. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error) => {
      const code = errorCode(error)
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(false)
      else reject(error)
    })
  })
}
