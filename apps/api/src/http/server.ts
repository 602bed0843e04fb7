import { createServer, type Server } from 'node:http'
import type { Express } from 'express'
import { answerClientError } from './client-error.ts'
import { messageClasses } from './message-classes.ts'

export interface Patience {
  /** Of receiving a request's headers. */
  readonly headersMs: number
  /** Of receiving all of a request; answering it may take as long as it likes. */
  readonly requestMs: number
}

const PATIENCE: Patience = { headersMs: 20_000, requestMs: 30_000 }

/** More than a process can serve well; what comes beyond is closed at once, so that others still get their answers. */
const MAX_CONNECTIONS = 20_000

/** An HTTP server for the app, with timeouts that suit streams and long polls. */
export function createApiServer(app: Express, { headersMs, requestMs }: Patience = PATIENCE): Server {
  const server = createServer(
    {
      ...messageClasses(app),
      // Longer than the 60 s for which load balancers usually keep idle connections, so that they close first.
      keepAliveTimeout: 65_000,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      // How often it is looked for those who take too long.
      connectionsCheckingInterval: Math.min(5_000, headersMs),
      noDelay: true,
    },
    app,
  )
  server.maxConnections = MAX_CONNECTIONS
  server.on('clientError', answerClientError)
  return server
}

/**
 * Connections that the system accepts while the process is busy; no more than net.core.somaxconn, which is this too. With
 * Node's 511 a rush fills the queue in a moment: whoever comes then waits for seconds, and some are reset.
 */
const BACKLOG = 4_096

/** Resolves with the port once the server listens. Rejects where the address cannot be had. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** Takes no more connections, lets answers under way finish for `graceMs`, then closes what is still open. */
export function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    // A connection that is busy now turns idle later, and would then be kept alive.
    const sweep = setInterval(() => server.closeIdleConnections(), 50)
    const deadline = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(deadline)
      resolve()
    })
  })
}
