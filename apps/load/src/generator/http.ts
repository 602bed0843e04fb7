import { Pool } from 'undici'

/** A server that holds a request longer than any wait that it was asked for. */
const NO_ANSWER_AFTER_MS = 60_000
/** Far more than a person's browser opens, and so few that a run stays within the ports of its machine. */
const CONNECTIONS_OF_ADDRESS = 32

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly etag: string | null
  /** `Retry-After` in seconds; `null` where there is none. */
  readonly retryAfterS: number | null
  readonly body: string
}

/** Connections to one server, from any address of this machine or from one that a call names. */
export class Http {
  readonly #url: string
  readonly #connections: number
  /** Pools by local address; `''` is any. */
  readonly #pools = new Map<string, Pool>()
  #closed = false

  constructor(url: string, connections: number) {
    this.#url = url
    this.#connections = connections
  }

  /**
   * Sends a call, from `localAddress` unless that is `null`. Resolves with the whole answer; rejects where the connection breaks. By `dispatch`: undici's leanest way, for the
   * generator may share the machine with what it measures. Redirects are answers: nothing is sent anywhere else.
   */
  send(call: Call, localAddress: string | null = null): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let status = 0
      let etag: string | null = null
      let retryAfterS: number | null = null
      let body = ''
      this.#poolAt(localAddress).dispatch(
        { path: call.path, method: call.method, headers: call.headers, body: call.body ?? null },
        {
          // Without it undici takes the handler for one of its older kind.
          onRequestStart: () => {},
          onResponseStart: (_controller, statusCode, headers) => {
            status = statusCode
            const tag = headers['etag']
            if (typeof tag === 'string') etag = tag
            const seconds = Number(headers['retry-after'])
            if (Number.isFinite(seconds)) retryAfterS = seconds
          },
          // What is read from these answers is ASCII, so a chunk never ends within a character.
          onResponseData: (_controller, chunk) => {
            body += chunk.toString('latin1')
          },
          onResponseEnd: () => resolve({ status, etag, retryAfterS, body }),
          onResponseError: (_controller, error) => reject(error),
        },
      )
    })
  }

  /** Breaks every connection; whatever is under way rejects. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()))
  }

  /**
   * Returns the pool of a local address. It sends one request at a time on each connection: what waits for another's
   * answer would be measured with it.
   */
  #poolAt(localAddress: string | null): Pool {
    if (this.#closed) throw new Error('the run is over')
    const key = localAddress ?? ''
    const known = this.#pools.get(key)
    if (known !== undefined) return known
    const pool = new Pool(this.#url, {
      connections: localAddress === null ? this.#connections : Math.min(this.#connections, CONNECTIONS_OF_ADDRESS),
      pipelining: 1,
      headersTimeout: NO_ANSWER_AFTER_MS,
      bodyTimeout: NO_ANSWER_AFTER_MS,
      ...(localAddress !== null && { localAddress }),
    })
    this.#pools.set(key, pool)
    return pool
  }
}
