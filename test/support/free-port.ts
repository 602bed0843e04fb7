import { once } from 'node:events'
import { createServer, type Server } from 'node:net'

/** Returns a port that nothing listens on at this moment. */
export async function findFreePort(): Promise<number> {
  const { port, release } = await occupyPort()
  await release()
  return port
}

/** Listens on a free port, for tests of what happens when it is taken. */
export async function occupyPort(): Promise<{ port: number; release(): Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: portOf(server), release: () => new Promise((resolve) => void server.close(() => resolve())) }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}
