import type { ErrorRequestHandler } from 'express'
import { isTransient } from '@boxoffice/core/db/sql-errors.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { sendProblem } from './problem.ts'
import { requestIdOf } from './request-id.ts'

/**
 * The last middleware, of each router and of the app: turns whatever was thrown into a problem. Of bugs the client learns
 * the request id only.
 */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const requestId = requestIdOf(response)
    const problem = toProblem(error)
    const { logLevel } = PROBLEMS[problem.code]
    if (logLevel !== undefined) {
      logger[logLevel]({ err: error, requestId, method: request.method, path: request.path }, problem.code)
    }
    if (response.headersSent) {
      response.destroy()
      return
    }
    sendProblem(response, problem, requestId)
  }
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (isTransient(error)) return new Problem('unavailable')
  // Thrown by the router for a path parameter with a broken percent-encoding.
  if (error instanceof URIError) return new Problem('malformed_url')
  return new Problem('internal_error')
}
