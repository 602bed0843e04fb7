import { createServer, type Server, type ServerResponse } from 'node:http'
import { type Readiness, whyUnready } from '@boxoffice/core/health/readiness.ts'
import { mayScrape } from '@boxoffice/core/metrics/may-scrape.ts'
import type { Scrape } from '@boxoffice/core/metrics/scrape.ts'
import { StartupError } from '@boxoffice/core/startup-error.ts'

export interface ProbeDependencies {
  readonly host: string
  readonly port: number
  readonly metricsToken: string | undefined
  readiness(): Promise<Readiness>
  scrape(): Promise<Scrape>
}

/** Serves a worker's probes and metrics: `/livez`, `/readyz` and `/metrics`, as the API does. */
export async function serveProbes(deps: ProbeDependencies): Promise<{ close(): Promise<void> }> {
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    const path = request.url?.split('?')[0]
    answer(deps, request.method, path, request.headers.authorization, response).catch(() => {
      send(response, 500, { status: 'failed' })
    })
  })
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

function listen(server: Server, { host, port }: Pick<ProbeDependencies, 'host' | 'port'>): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(new StartupError(`The worker cannot listen on WORKER_PORT ${port}: ${error.message}.`, { cause: error }))
    })
    server.listen(port, host, () => resolve())
  })
}
