import type { Router } from 'express'
import * as health from '@boxoffice/contract/operations/health.ts'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { readinessProbe, whyUnready } from '@boxoffice/core/operations/readiness.ts'
import type { ApiMetrics } from '@boxoffice/core/operations/metrics/api-metrics.ts'
import { mayScrape } from '@boxoffice/core/operations/metrics/may-scrape.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { Problem, notFound } from '@boxoffice/core/use-case/problem.ts'
import { sendProblem } from '../problems/problem.ts'
import { requestIdOf } from '../problems/request-id.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'

export interface HealthDependencies {
  readonly database: Database
  readonly transport: Pick<Transport, 'queue'>
  readonly metrics: ApiMetrics
  readonly settings: Pick<Settings, 'METRICS_TOKEN' | 'METRICS_PORT'>
  /** The process was asked to stop: traffic should go elsewhere. */
  readonly isStopping: () => boolean
}

/** Probes and metrics: what a load balancer and a monitor ask. */
export function healthRoutes(
  deps: RouteDependencies,
  { database, transport, metrics, settings, isStopping }: HealthDependencies,
): Router {
  const routes = new Routes(deps)
  const readiness = readinessProbe({ database, queue: () => transport, isStopping })

  routes.on(health.getLiveness, ({ response }) => {
    sendPrivateJson(response, 200, { status: 'live' })
  })

  routes.on(health.getReadiness, async ({ response }) => {
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

  routes.on(health.getMetrics, async ({ request, response }) => {
    if (settings.METRICS_PORT !== undefined) throw notFound('page')
    const { authorization } = request.headers
    if (!mayScrape(settings.METRICS_TOKEN, authorization)) {
      throw new Problem('unauthenticated', { detail: 'Send METRICS_TOKEN as a Bearer token.' })
    }
    const { contentType, body } = await metrics.scrape()
    response.setHeader('Content-Type', contentType)
    response.setHeader('Cache-Control', 'no-store')
    response.end(body)
  })

  return routes.router
}
