import { connect, type Socket } from 'node:net'

interface Heard {
  readonly onAnswer: (status: number) => void
  /** Told of a client that has lost its connection, and sends nothing any more. */
  readonly onLost: () => void
}

/**
 * Clients on this machine that each send the same request again and again, each as soon as it is answered. They write and read
 * raw sockets, which costs a tenth of what an HTTP client does.
 */
export class RawCrowd {
  readonly #sockets: readonly Socket[]
  readonly #heard: Heard

  /**
   * Connects the clients.
   *
   * @param requests whole HTTP requests, one for each client, whose answers have a `Content-Length`
   */
  constructor(port: number, requests: readonly string[], heard: Heard) {
    this.#heard = heard
    this.#sockets = requests.map((request) => this.#client(port, request))
  }

  close(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners('error').on('error', () => undefined)
      socket.destroy()
    }
  }

  #client(port: number, request: string): Socket {
    const socket = connect(port, '127.0.0.1')
    let received = ''
    socket.setNoDelay(true)
    socket.setEncoding('latin1')
    socket.on('connect', () => socket.write(request))
    socket.on('data', (chunk) => {
      received += String(chunk)
      if (!isWholeAnswer(received)) return
      this.#heard.onAnswer(Number(received.slice(STATUS_AT, STATUS_AT + 3)))
      received = ''
      socket.write(request)
    })
    socket.on('error', () => this.#heard.onLost())
    return socket
  }
}

/** Place of the status in an answer. */
const STATUS_AT = 'HTTP/1.1 '.length

/** Returns a POST of this body as it goes over the wire. */
export function rawPost(path: string, headers: Readonly<Record<string, string>>, body: unknown): string {
  const json = JSON.stringify(body)
  const all = {
    Host: '127.0.0.1',
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(json)),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return [`POST ${path} HTTP/1.1`, ...lines, '', json].join('\r\n')
}

/** Returns whether this is a whole answer of HTTP/1.1 with a `Content-Length`. */
export function isWholeAnswer(received: string): boolean {
  const head = received.indexOf('\r\n\r\n')
  if (head === -1) return false
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(received.slice(0, head + 2))?.[1]
  return received.length - head - 4 >= Number(length ?? 0)
}
