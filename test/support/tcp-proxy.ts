import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A network that a test can break: everything sent to `port` is passed on, and back. */
export interface TcpProxy {
  readonly port: number
  /** Passes nothing on any more, but keeps connections open and accepts new ones. */
  freeze(): void
  /** Breaks all connections, and every new one as soon as it is made. */
  reset(): void
  /** Passes on what `freeze` or `reset` held back, and everything from now on. */
  resume(): void
  /** Breaks all connections and refuses new ones until `restore`. */
  cut(): Promise<void>
  restore(): Promise<void>
  close(): Promise<void>
}

export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let state: 'passing' | 'frozen' | 'resetting' = 'passing'
  const server = createServer({ pauseOnConnect: true }, (incoming) => {
    if (state === 'resetting') {
      incoming.resetAndDestroy()
      return
    }
    const outgoing = connect(target)
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from)
      from.on('data', (chunk) => void to.write(chunk))
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      if (state === 'passing') from.resume()
      else from.pause()
    }
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const breakAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  const cut = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    breakAll()
    await closed
  }

  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    port,
    freeze: () => {
      state = 'frozen'
      for (const socket of sockets) socket.pause()
    },
    reset: () => {
      state = 'resetting'
      breakAll()
    },
    resume: () => {
      state = 'passing'
      for (const socket of sockets) socket.resume()
    },
    cut,
    restore: () => listen(port),
    close: cut,
  }
}
