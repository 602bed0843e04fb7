import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A network that a test can break: everything sent to `port` is passed on, and back. */
export interface TcpProxy {
  readonly port: number
  /** Nothing is passed on any more, yet connections stay open and new ones are taken. */
  freeze(): void
  /** Passes on what was held back, and everything from now on. */
  resume(): void
  /** Breaks all connections and refuses new ones until `restore`. */
  cut(): Promise<void>
  restore(): Promise<void>
  close(): Promise<void>
}

export async function startTcpProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let frozen = false
  const server = createServer({ pauseOnConnect: true }, (incoming) => {
    const outgoing = connect(target)
    const pair = [incoming, outgoing] as const
    pairs.add(pair)
    const end = () => {
      for (const socket of pair) socket.destroy()
      pairs.delete(pair)
    }
    for (const socket of pair) socket.on('error', end).on('close', end)
    incoming.on('data', (chunk) => void outgoing.write(chunk))
    outgoing.on('data', (chunk) => void incoming.write(chunk))
    setFlow(pair, !frozen)
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const setFlow = (pair: readonly [Socket, Socket], flowing: boolean) => {
    for (const socket of pair) {
      if (flowing) socket.resume()
      else socket.pause()
    }
  }
  const setAll = (flowing: boolean) => {
    frozen = !flowing
    for (const pair of pairs) setFlow(pair, flowing)
  }
  const cut = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const pair of pairs) for (const socket of pair) socket.destroy()
    await closed
  }

  await listen(0)
  const { port } = server.address() as AddressInfo
  return { port, freeze: () => setAll(false), resume: () => setAll(true), cut, restore: () => listen(port), close: cut }
}
