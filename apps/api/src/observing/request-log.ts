import type { RequestHandler } from 'express'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { requestIdOf } from '../problems/request-id.ts'

/** Logs every answer at `debug`, and costs nothing at other levels. What failed is logged by the error handler. */
export function requestLog(logger: Logger): RequestHandler {
  return (request, response, next) => {
    if (logger.isLevelEnabled('debug')) {
      const startedAt = performance.now()
      // The path without its query, which may carry personal data.
      const { method, path } = request
      response.on('finish', () => {
        const ms = Math.round(performance.now() - startedAt)
        // Of what the request has put in line: the jobs of its lane and the audit know it by this.
        const location = response.getHeader('Location')
        logger.debug(
          { requestId: requestIdOf(response), method, path, status: response.statusCode, ms, location },
          'request',
        )
      })
    }
    next()
  }
}
