import { connect, type Socket } from 'node:net'
import { isWholeAnswer } from './raw-answer.ts'

/**
 * Clients in a closed loop over raw sockets, each with one request that it sends again as soon as it is answered: they cost a
 * tenth of what the generator's clients do, and keep nothing but a count for each second. For what is gone after a second.
 */
export class RawCrowd {
  readonly #sockets: readonly Socket[]
  readonly #startedAt = performance.now()
  /** Answers with 200 or 202, by second from the start. */
  readonly #served: number[] = []
  #others = 0

  /**
   * Connects the clients.
   *
   * @param requests whole HTTP requests, one for each client, whose answers have a `Content-Length`
   */
  constructor(port: number, requests: readonly string[]) {
    this.#sockets = requests.map((request) => this.#client(port, request))
  }

  /** Returns how many were answered with 200 or 202 in each second that is over. */
  get bySecond(): readonly number[] {
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1_000)
    return Array.from({ length: seconds }, (_, second) => this.#served[second] ?? 0)
  }

  /** Returns how many were answered otherwise, or lost their connection. */
  get others(): number {
    return this.#others
  }

  close(): void {
    for (const socket of this.#sockets) {
      socket.removeAllListeners('error')
      socket.on('error', () => undefined)
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
      if (/^HTTP\/1\.1 20[02] /.test(received)) this.#count()
      else this.#others += 1
      received = ''
      socket.write(request)
    })
    socket.on('error', () => {
      this.#others += 1
    })
    return socket
  }

  #count(): void {
    const second = Math.floor((performance.now() - this.#startedAt) / 1_000)
    this.#served[second] = (this.#served[second] ?? 0) + 1
  }
}
