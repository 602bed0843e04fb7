import { createServer, type RequestListener, type Server } from 'node:http'
import type { Express } from 'express'
import { answerClientError } from './client-error.ts'
import type { ClientShares } from '../connections/client-shares.ts'
import { messageClasses } from './message-classes.ts'
import { refusePipelined } from './pipelined.ts'

export interface Patience {
  /** Time to receive a request's headers. */
  readonly headersMs: number
  /** Time to receive a whole request; answering it may take any time. */
  readonly requestMs: number
}

const PATIENCE: Patience = { headersMs: 20_000, requestMs: 30_000 }

export interface ApiServerOptions {
  /** `PATIENCE` unless given. */
  readonly patience?: Patience
  /** Hears of each request in place of the app, which it has to call. */
  readonly before?: RequestListener
}

/**
 * Creates an HTTP server for the app, with timeouts that suit streams and long polls, which gives no address more than its
 * share of connections and of unread bytes.
 */
export function createApiServer(
  app: Express,
  { connections, unread }: Pick<ClientShares, 'connections' | 'unread'>,
  { patience: { headersMs, requestMs } = PATIENCE, before = app }: ApiServerOptions = {},
): Server {
  const server = createServer(
    {
      ...messageClasses(app, (response, body) => unread.onWritten(response, body)),
      // Longer than the 60 s for which load balancers usually keep idle connections, so that they close first.
      keepAliveTimeout: 65_000,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      // How often it is looked for those who take too long.
      connectionsCheckingInterval: Math.min(5_000, headersMs),
      noDelay: true,
    },
    refusePipelined(before),
  )
  connections.guard(server)
  server.on('clientError', answerClientError)
  return server
}
