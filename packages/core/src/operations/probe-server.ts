import { createServer, type Server, type ServerResponse } from 'node:http'
import { mayScrape } from './metrics/may-scrape.ts'
import type { Scrape } from './metrics/scrape.ts'
import { StartupError } from '../runtime/startup-error.ts'
import { type Readiness, whyUnready } from './readiness.ts'

/** Monitors and probes need few. */
const MAX_CONNECTIONS = 64

export interface ProbeDependencies {
  readonly host: string
  readonly port: number
  /** Setting that the port comes from. */
  readonly setting: 'METRICS_PORT' | 'WORKER_PORT'
  readonly metricsToken: string | undefined
  readiness(): Promise<Readiness>
  scrape(): Promise<Scrape>
}

/** Serves probes and metrics of a process on a port of their own: `/livez`, `/readyz` and `/metrics`, as the API does. */
export async function serveProbes(deps: ProbeDependencies): Promise<{ close(): Promise<void> }> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const path = request.url?.split('?')[0]
    answer(deps, request.method, path, request.headers.authorization, response).catch(() => {
      send(response, 500, { status: 'failed' })
    })
  })
  server.maxConnections = MAX_CONNECTIONS
  await listen(server, deps)
  return {
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
    },
  }
}

async function answer(
  deps: ProbeDependencies,
  method: string | undefined,
  path: string | undefined,
  authorization: string | undefined,
  response: ServerResponse,
): Promise<void> {
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    send(response, 405, { status: 'method_not_allowed' })
  } else if (path === '/livez') {
    send(response, 200, { status: 'live' })
  } else if (path === '/readyz') {
    const state = await deps.readiness()
    const { ready, checks } = state
    if (ready) send(response, 200, { status: 'ready', checks })
    else send(response, 503, { status: 'unready', detail: whyUnready(state), checks })
  } else if (path !== '/metrics') {
    send(response, 404, { status: 'not_found' })
  } else if (mayScrape(deps.metricsToken, authorization)) {
    const { contentType, body } = await deps.scrape()
    response.setHeader('Content-Type', contentType)
    response.end(body)
  } else {
    response.setHeader('WWW-Authenticate', 'Bearer realm="boxoffice"')
    send(response, 401, { status: 'unauthenticated' })
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', 'no-store')
  response.end(JSON.stringify(body))
}

function listen(
  server: Server,
  { host, port, setting }: Pick<ProbeDependencies, 'host' | 'port' | 'setting'>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new StartupError(`This process cannot listen on ${setting} ${port}: ${error.message}.`, { cause: error }))
    })
    server.listen(port, host, () => resolve())
  })
}
