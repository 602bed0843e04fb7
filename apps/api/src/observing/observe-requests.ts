import type { RequestHandler } from 'express'
import type { ApiMetrics } from '@boxoffice/core/operations/metrics/api-metrics.ts'
import { routeOf } from './route-of.ts'

/** Tells the metrics of every request, once it was answered or its client has left. */
export function observeRequests(metrics: Pick<ApiMetrics, 'onRequest'>): RequestHandler {
  return (request, response, next) => {
    const onEnd = metrics.onRequest()
    response.once('close', () => onEnd(request.method, routeOf(request), response.statusCode))
    next()
  }
}
