import type { Router } from 'express'
import { getLiveness, getMetrics, getReadiness } from '@boxoffice/contract/operations/health.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { readinessProbe, whyUnready } from '@boxoffice/core/operations/readiness.ts'
import type { ApiMetrics } from '@boxoffice/core/operations/api-metrics.ts'
import { mayScrape } from '@boxoffice/core/operations/may-scrape.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { notFound, Problem } from '@boxoffice/core/use-case/problem.ts'
import { sendProblem } from '../http/problem.ts'
import { requestIdOf } from '../http/request-id.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

export interface HealthDependencies {
  readonly database: Database
  readonly transport: Pick<Transport, 'queue'>
  readonly metrics: ApiMetrics
  readonly settings: Pick<Settings, 'METRICS_TOKEN' | 'METRICS_PORT'>
  /** The process was asked to stop: traffic should go elsewhere. */
  readonly isStopping: () => boolean
}

/** Probes and metrics: what a load balancer and a monitor ask. */
export function healthRoutes(deps: RouteDependencies, health: HealthDependencies): Router {
  const { database, transport, metrics, settings, isStopping } = health
  const routes = new Routes(deps)
  const readiness = readinessProbe({ database, queue: () => transport, isStopping })

  routes.on(getLiveness, ({ response }) => {
    sendPrivateJson(response, 200, { status: 'live' })
  })

  routes.on(getReadiness, async ({ response }) => {
    const state = await readiness()
    const { ready, checks } = state
    if (ready) {
      sendPrivateJson(response, 200, { status: 'ready', checks })
      return
    }
    const detail = whyUnready(state)
    const problem = new Problem('unavailable', { detail, facts: { checks } })
    if (!isStopping()) throw problem
    // Not thrown: who looks at the log for errors is not to find one for each probe of each deployment.
    sendProblem(response, problem, requestIdOf(response))
  })

  routes.on(getMetrics, async ({ request, response }) => {
    if (settings.METRICS_PORT !== undefined) throw notFound('page')
    if (!mayScrape(settings.METRICS_TOKEN, request.headers.authorization)) {
      throw new Problem('unauthenticated', { detail: 'This needs the token of METRICS_TOKEN as Bearer.' })
    }
    const { contentType, body } = await metrics.scrape()
    response.setHeader('Content-Type', contentType)
    response.setHeader('Cache-Control', 'no-store')
    response.end(body)
  })

  return routes.router
}
