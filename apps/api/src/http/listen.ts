/**
 * Listening with several sockets on one address.
 *
 * libuv takes one connection from a listening socket in each turn of its loop (libuv pull request 3696). In a rush a turn
 * takes tens of milliseconds, for it is full of requests from those who are in already; of a thousand buyers who connect
 * at once, the last would wait for ten seconds before anybody reads their request. So there are several sockets, each
 * with a queue of its own, and the kernel deals new connections out to them (SO_REUSEPORT).
 */
import type { Server } from 'node:http'
import { createServer, type ListenOptions, type Server as Door } from 'node:net'

/** Linux alone deals connections out to sockets that share an address. */
const DOORS = process.platform === 'linux' ? 16 : 1

/**
 * Connections that wait at each socket while the process is busy; no more than net.core.somaxconn, which is this too.
 * With Node's 511 a rush fills the queue in a moment: whoever comes then waits for seconds, and some are reset.
 */
const BACKLOG = 4_096

/** More than a process can serve well; what comes beyond is closed at once, so that others still get their answers. */
const MAX_CONNECTIONS = 20_000

export interface Listening {
  readonly port: number
  /** Takes no more connections, lets answers under way finish for `graceMs`, then closes what is still open. */
  close(graceMs: number): Promise<void>
}

/** Resolves once the server can be reached. Rejects where the address cannot be had. Port 0 is any free one. */
export async function listen(server: Server, port: number, host: string, count = DOORS): Promise<Listening> {
  const others = Array.from({ length: count - 1 }, () =>
    // As an HTTP server makes them for itself.
    createServer({ allowHalfOpen: true, noDelay: true }, (socket) => void server.emit('connection', socket)),
  )
  const doors = [server, ...others]
  for (const door of doors) door.maxConnections = Math.ceil(MAX_CONNECTIONS / count)
  // Sockets that share an address let each other in, also those of another process. Port 0 is never a shared one.
  if (count > 1 && port !== 0) await requireFree(port, host)
  const address = { host, backlog: BACKLOG, ...(count > 1 && { reusePort: true }) }
  let taken = port
  try {
    for (const door of doors) taken = await open(door, { ...address, port: taken })
  } catch (error) {
    await Promise.all(doors.filter(({ listening }) => listening).map(closed))
    throw error
  }
  return { port: taken, close: (graceMs) => closeAll(server, doors, graceMs) }
}

async function requireFree(port: number, host: string): Promise<void> {
  const alone = createServer()
  await open(alone, { port, host })
  await closed(alone)
}

/** Resolves with the port. */
function open(door: Door, options: ListenOptions & { readonly port: number }): Promise<number> {
  return new Promise((resolve, reject) => {
    door.once('error', reject)
    door.listen(options, () => {
      door.off('error', reject)
      const address = door.address()
      resolve(typeof address === 'object' && address !== null ? address.port : options.port)
    })
  })
}

async function closeAll(server: Server, doors: readonly Door[], graceMs: number): Promise<void> {
  // A connection that is busy now turns idle later, and would then be kept alive.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs)
  await Promise.all(doors.map(closed))
  clearInterval(sweep)
  clearTimeout(deadline)
}

/** When its last connection has ended. */
const closed = (door: Door): Promise<void> => new Promise((resolve) => void door.close(() => resolve()))
