import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface LoopbackServer {
  readonly port: number
  /** The address without a path: `http://127.0.0.1:4711`. */
  readonly url: string
  /** Drops all connections, and resolves once the port is free. */
  close(): Promise<void>
}

/** Lets a server listen on the loopback, by default on a free port. */
export async function listenOnLoopback(server: Server, host = '127.0.0.1', at = 0): Promise<LoopbackServer> {
  server.listen(at, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://${host}:${port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
