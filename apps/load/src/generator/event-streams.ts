import { readEventStream } from '@boxoffice/client'
import { fetch, Pool } from 'undici'

/** More at a time would only fill the server's queue of connections. */
const OPENED_AT_ONCE = 100
const OPEN_WITHIN_MS = 30_000

export interface EventStream {
  readonly path: string
  /** `null` for none. */
  readonly token: string | null
  readonly onEvent: (event: string, data: string) => void
}

/** Streams of server-sent events, each on a connection of its own. */
export class EventStreams {
  readonly #url: string
  readonly #pool: Pool
  #closed = false

  constructor(url: string, connections: number) {
    this.#url = url
    // A quiet stream is no broken one.
    this.#pool = new Pool(url, { connections, pipelining: 1, headersTimeout: OPEN_WITHIN_MS, bodyTimeout: 0 })
  }

  /**
   * Opens a stream. Throws where it is not answered 200. `ended` resolves when the server has ended it or all were closed,
   * and rejects when it breaks.
   */
  async open({ path, token, onEvent }: EventStream): Promise<{ readonly ended: Promise<void> }> {
    const headers = { accept: 'text/event-stream', ...(token !== null && { authorization: `Bearer ${token}` }) }
    const response = await fetch(`${this.#url}${path}`, { dispatcher: this.#pool, headers })
    const { status, body } = response
    if (status !== 200 || body === null) {
      await body?.cancel()
      throw new Error(`the stream ${path} was answered ${status}`)
    }
    const read = async () => {
      try {
        for await (const { event, data } of readEventStream(body)) onEvent(event, data)
      } catch (error) {
        if (!this.#closed) throw error
      }
    }
    return { ended: read() }
  }

  /** Opens all of them, some at a time. `ended` resolves when all have ended. */
  async openAll(streams: readonly EventStream[]): Promise<{ readonly ended: Promise<void> }> {
    const ends: Promise<void>[] = []
    const left = streams.values()
    const openInTurn = async () => {
      for (const stream of left) {
        const { ended } = await this.open(stream)
        ended.catch(() => {})
        ends.push(ended)
      }
    }
    await Promise.all(Array.from({ length: OPENED_AT_ONCE }, openInTurn))
    const ended = Promise.all(ends).then(() => {})
    ended.catch(() => {})
    return { ended }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#pool.destroy()
  }
}
