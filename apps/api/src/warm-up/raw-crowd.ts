import { connect, type Socket } from 'node:net'

/** Clients that each send the same request again and again, each as soon as it is answered. They cost as little as they can. */
export class RawCrowd {
  readonly #sockets: readonly Socket[]
  #served = 0

  /**
   * Connects the clients.
   *
   * @param requests whole HTTP requests, one for each client, whose answers have a `Content-Length`
   */
  constructor(port: number, requests: readonly string[]) {
    this.#sockets = requests.map((request) => this.#client(port, request))
  }

  /** Returns how many requests were answered with 200. */
  get served(): number {
    return this.#served
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  #client(port: number, request: string): Socket {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write(request))
    socket.on('data', (chunk) => {
      received += String(chunk)
      if (!isWhole(received)) return
      if (received.startsWith('HTTP/1.1 200 ')) this.#served += 1
      received = ''
      socket.write(request)
    })
    // A server that is closed ends them; there is nobody to tell.
    socket.on('error', () => socket.destroy())
    return socket
  }
}

function isWhole(received: string): boolean {
  const head = received.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(received.slice(0, head + 2))?.[1]
  return received.length - head - 4 >= Number(length ?? 0)
}
