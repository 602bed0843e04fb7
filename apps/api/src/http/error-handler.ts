import type { ErrorRequestHandler } from 'express'
import { isTransient } from '@boxoffice/core/db/sql-errors.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import {
  ConflictError,
  ForbiddenError,
  IdempotencyKeyInFlightError,
  IdempotencyKeyReusedError,
  InvalidSubmissionError,
  NotFoundError,
  OverloadedError,
  TransitionRefusedError,
  UnansweredError,
} from '@boxoffice/core/use-case/errors.ts'
import { TooManyHoldsError } from '@boxoffice/core/limits/hold-limits.ts'
import { TooManyUndecidedError } from '@boxoffice/core/limits/undecided-places.ts'
import {
  AlreadyExistsError,
  InvalidCatalogueError,
} from '@boxoffice/core/catalogue/invalid-catalogue-error.ts'
import {
  ProviderRefusedError,
  ProviderUnavailableError,
  WebhookRefusedError,
} from '@boxoffice/core/payments/provider.ts'
import { TokenKeysUnavailableError } from '@boxoffice/core/access/issuer-keys.ts'
import { InvalidTokenError } from '@boxoffice/core/access/tokens.ts'
import { type ProblemCode, PROBLEMS } from '@boxoffice/contract/problems.ts'
import { Problem, sendProblem } from './problem.ts'
import { requestIdOf } from './request-id.ts'

/** The connection may have broken after the commit, so what was sent may have been accepted. */
const TRY_AGAIN = 'Try again in a moment, with the same Idempotency-Key if there was one.'

/** What an operator should see. */
const LOGGED: ReadonlySet<ProblemCode> = new Set([
  'internal_error',
  'unavailable',
  'payment_provider_refused',
  'payment_provider_unavailable',
  'invalid_webhook',
])

/**
 * The last middleware, of each router and of the app: turns whatever was thrown into a problem. Of bugs the client learns
 * the request id only.
 */
export function errorHandler(logger: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request, response, _next) => {
    const requestId = requestIdOf(response)
    const problem = toProblem(error)
    if (LOGGED.has(problem.code)) {
      const level = PROBLEMS[problem.code].status >= 500 ? 'error' : 'warn'
      logger[level]({ err: error, requestId, method: request.method, path: request.path }, problem.code)
    }
    if (response.headersSent) {
      response.destroy()
      return
    }
    sendProblem(response, problem, requestId)
  }
}

/** Which problem an error is answered with. */
function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof NotFoundError) return new Problem('not_found', { detail: error.message })
  if (error instanceof ForbiddenError) return new Problem('forbidden', { detail: error.message })
  if (error instanceof TransitionRefusedError) {
    const { current, allowed } = error
    return new Problem('invalid_transition', { detail: error.message, facts: { current, allowed } })
  }
  if (error instanceof ConflictError) return new Problem(error.code, { detail: error.message, facts: error.facts })
  if (error instanceof ProviderRefusedError) {
    return new Problem('payment_provider_refused', { detail: 'The payment has failed; another one may be started.' })
  }
  if (error instanceof ProviderUnavailableError) {
    return new Problem('payment_provider_unavailable', { detail: TRY_AGAIN, headers: { 'Retry-After': '2' } })
  }
  if (error instanceof WebhookRefusedError) return new Problem('invalid_webhook', { detail: error.message })
  if (error instanceof IdempotencyKeyInFlightError) {
    return new Problem('idempotency_key_in_flight', { headers: { 'Retry-After': '1' } })
  }
  if (error instanceof InvalidCatalogueError) {
    const detail = 'Some fields are not as they should be.'
    return new Problem('invalid_request', { detail, errors: error.problems })
  }
  if (error instanceof AlreadyExistsError) return new Problem('already_exists', { detail: error.message })
  if (error instanceof IdempotencyKeyReusedError) return new Problem('idempotency_key_reused')
  if (error instanceof OverloadedError) {
    return new Problem('overloaded', {
      detail: error.message,
      headers: { 'Retry-After': String(error.retryAfterSeconds) },
    })
  }
  if (error instanceof TooManyHoldsError) {
    const { limit, held, retryAfterSeconds } = error
    return new Problem('too_many_holds', {
      detail: error.message,
      facts: held === null ? { limit } : { limit, held },
      headers: retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) },
    })
  }
  if (error instanceof TooManyUndecidedError) {
    const headers = { 'Retry-After': String(error.retryAfterSeconds) }
    return new Problem('too_many_requests', { detail: error.message, headers })
  }
  if (error instanceof InvalidTokenError) return unauthenticated(error.message)
  if (error instanceof InvalidSubmissionError) return new Problem('invalid_request', { detail: error.message })
  if (error instanceof UnansweredError || error instanceof TokenKeysUnavailableError || isTransient(error)) {
    return new Problem('unavailable', { detail: TRY_AGAIN, headers: { 'Retry-After': '1' } })
  }
  // Thrown by the router for a path parameter with a broken percent-encoding.
  if (error instanceof URIError) return new Problem('malformed_url')
  return new Problem('internal_error')
}

/** RFC 6750 section 3: the challenge says whether there was a token at all. */
export function unauthenticated(detail: string, attempted = true): Problem {
  const challenge = attempted ? 'Bearer realm="boxoffice", error="invalid_token"' : 'Bearer realm="boxoffice"'
  return new Problem('unauthenticated', { detail, headers: { 'WWW-Authenticate': challenge } })
}
