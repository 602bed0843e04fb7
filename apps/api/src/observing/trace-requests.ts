import type { RequestHandler } from 'express'
import type { TraceRequest } from '@boxoffice/core/operations/tracing/telemetry.ts'
import { requestIdOf } from '../problems/request-id.ts'
import { routeOf } from './route-of.ts'

/** Makes a span of every request, to which all that it causes belongs. */
export function traceRequests(traceRequest: TraceRequest): RequestHandler {
  return (request, response, next) => {
    const span = traceRequest(request.method, request.headers, requestIdOf(response))
    response.once('close', () => {
      const made = response.getHeader('Location')
      span.end(routeOf(request), response.statusCode, typeof made === 'string' ? made : null)
    })
    span.run(next)
  }
}
