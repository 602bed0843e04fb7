/**
 * Listening with several sockets on one address.
 *
 * libuv takes one connection from a listening socket in each turn of its loop (libuv pull request 3696). In a rush a turn
 * takes tens of milliseconds, for it is full of requests from those who are in already; of a thousand buyers who connect
 * at once, the last would wait for ten seconds before anybody reads their request. So there are several sockets, each
 * with a queue of its own, and the kernel deals new connections out to them (SO_REUSEPORT).
 */
import { lookup } from 'node:dns/promises'
import type { Server } from 'node:http'
import { createServer, type ListenOptions, type Server as Door } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** Linux alone deals connections out to sockets that share an address. */
const DOORS = process.platform === 'linux' ? 16 : 1

/**
 * Connections that wait at each socket while the process is busy; no more than net.core.somaxconn, which is this too.
 * With Node's 511 a rush fills the queue in a moment: whoever comes then waits for seconds, and some are reset.
 */
const BACKLOG = 4_096

/** More than a process can serve well; what comes beyond is closed at once, so that others still get their answers. */
export const MAX_CONNECTIONS = 20_000

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
  // Looked up once: all have to be at the same of a name's addresses, and open before one of them is answered.
  const { address } = await lookup(host)
  const taken = await openDoors(server, doors, { port, host: address })
  return { port: taken, close: (graceMs) => closeAll(server, doors, graceMs) }
}

async function openDoors(server: Server, doors: readonly Door[], at: Address): Promise<number> {
  const shared = doors.length > 1
  // For port 0 the system looks for one that nobody has, shared or not.
  const contested = shared && at.port !== 0
  const turn = contested ? await takeTurn(at.port) : null
  try {
    if (contested) await requireFree(at)
    let { port } = at
    for (const door of doors) port = await open(door, { ...at, port, backlog: BACKLOG, reusePort: shared })
    return port
  } catch (error) {
    server.closeAllConnections()
    await Promise.all(doors.filter(({ listening }) => listening).map(closed))
    throw error
  } finally {
    if (turn !== null) await closed(turn)
  }
}

interface Address {
  readonly port: number
  readonly host: string
}

/** Sockets that share an address let each other in, also those of another process of the same user. */
async function requireFree(at: Address): Promise<void> {
  const alone = createServer()
  await open(alone, at)
  await closed(alone)
}

const TURN_WITHIN_MS = 2_000

/**
 * Takes the turn to claim a port: between seeing that a port is free and taking it another process could do the same.
 * It is a name of Linux's own kind, which is gone with its process. Returns `null` if the turn does not come in time or
 * cannot be had: nobody may keep us from starting by holding it.
 */
async function takeTurn(port: number): Promise<Door | null> {
  const deadline = performance.now() + TURN_WITHIN_MS
  while (performance.now() < deadline) {
    const turn = createServer()
    try {
      await open(turn, { path: `\0boxoffice-listen-${port}` })
      return turn
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) return null
      await pause(10)
    }
  }
  return null
}

/** Resolves with the port. */
function open(door: Door, options: ListenOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    door.once('error', reject)
    door.listen(options, () => {
      door.off('error', reject)
      const address = door.address()
      resolve(address instanceof Object ? address.port : 0)
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

/** Resolves when its last connection has ended. */
const closed = (door: Door): Promise<void> => new Promise((resolve) => void door.close(() => resolve()))
