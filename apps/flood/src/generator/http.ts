import { Pool } from 'undici'

/** A server that holds a request longer than any wait that it was asked for. */
const NO_ANSWER_AFTER_MS = 60_000

export interface Call {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly etag: string | null
  readonly body: string
}

/** Connections to one server. */
export class Http {
  readonly #pool: Pool

  /** One request at a time on each connection: what waits for another's answer would be measured with it. */
  constructor(url: string, connections: number) {
    this.#pool = new Pool(url, {
      connections,
      pipelining: 1,
      headersTimeout: NO_ANSWER_AFTER_MS,
      bodyTimeout: NO_ANSWER_AFTER_MS,
    })
  }

  /**
   * Resolves with the whole answer; rejects where the connection breaks. By `dispatch`: undici's leanest way, for the
   * generator may share the machine with what it measures. Redirects are answers: nothing is sent anywhere else.
   */
  send(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let status = 0
      let etag: string | null = null
      let body = ''
      this.#pool.dispatch(
        { path: call.path, method: call.method, headers: call.headers, body: call.body ?? null },
        {
          // Without it undici takes the handler for one of its older kind.
          onRequestStart: () => {},
          onResponseStart: (_controller, statusCode, headers) => {
            status = statusCode
            const tag = headers['etag']
            if (typeof tag === 'string') etag = tag
          },
          // What is read from these answers is ASCII, so a chunk never ends within a character.
          onResponseData: (_controller, chunk) => {
            body += chunk.toString('latin1')
          },
          onResponseEnd: () => resolve({ status, etag, body }),
          onResponseError: (_controller, error) => reject(error),
        },
      )
    })
  }

  /** Breaks every connection; whatever is under way rejects. */
  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}
