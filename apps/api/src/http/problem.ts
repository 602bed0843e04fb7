import type { ServerResponse } from 'node:http'

/** Every problem that the API answers with. Codes are part of the contract and are never reused. */
export const PROBLEMS = {
  malformed_http: { status: 400, title: 'The HTTP message is malformed' },
  malformed_url: { status: 400, title: 'The URL is malformed' },
  malformed_json: { status: 400, title: 'The body is not well-formed JSON' },
  invalid_request: { status: 400, title: 'The request is invalid' },
  invalid_prefer: { status: 400, title: 'The Prefer header is invalid' },
  invalid_idempotency_key: { status: 400, title: 'The Idempotency-Key header is invalid' },
  invalid_webhook: { status: 400, title: 'The webhook was not signed by its provider' },
  unauthenticated: { status: 401, title: 'Authentication is required' },
  forbidden: { status: 403, title: 'The role does not allow this' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  invalid_transition: { status: 409, title: 'The status does not allow this' },
  hold_expired: { status: 409, title: 'The time to pay is over' },
  not_on_sale: { status: 409, title: 'This is no longer on sale' },
  not_confirmed: { status: 409, title: 'The booking is not confirmed' },
  not_cancellable: { status: 409, title: 'The booking can no longer be cancelled by its buyer' },
  nothing_to_refund: { status: 409, title: 'There is nothing to refund' },
  refund_exceeds_captured: { status: 409, title: 'The refund is larger than what is left' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body is of an unsupported type or encoding' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key was used with another body' },
  headers_too_large: { status: 431, title: 'The headers are too large' },
  internal_error: { status: 500, title: 'Something went wrong' },
  payment_provider_refused: { status: 502, title: 'The payment provider refused' },
  overloaded: { status: 503, title: 'The line is full' },
  unavailable: { status: 503, title: 'Temporarily unavailable' },
  payment_provider_unavailable: { status: 503, title: 'The payment provider cannot be reached' },
  unknown_payment: { status: 503, title: 'The payment is not known yet' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>

export type ProblemCode = keyof typeof PROBLEMS

/** What is wrong with one part of the request. `pointer` is a JSON Pointer (RFC 6901) into the body, or the query. */
export interface FieldError {
  readonly pointer: string
  readonly detail: string
}

interface ProblemOptions {
  /** One sentence for a person, about this occurrence. The title serves where there is nothing to add. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly headers?: Readonly<Record<string, string>>
  /** Further members, for programs (RFC 9457 section 3.2). */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** Thrown to answer a request with a problem. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly errors: readonly FieldError[]
  readonly headers: Readonly<Record<string, string>>
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: ProblemCode, { detail, errors, headers, facts }: ProblemOptions = {}) {
    super(detail ?? `${PROBLEMS[code].title}.`)
    this.code = code
    this.errors = errors ?? []
    this.headers = headers ?? {}
    this.facts = facts ?? {}
  }
}

/** The problem details object of RFC 9457. */
export function problemBody(problem: Problem, requestId: string): string {
  const { status, title } = PROBLEMS[problem.code]
  return JSON.stringify({
    ...problem.facts,
    type: `urn:boxoffice:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.message,
    errors: problem.errors,
    requestId,
  })
}

/** Answers with `problem` as `application/problem+json`. */
export function sendProblem(response: ServerResponse, problem: Problem, requestId: string): void {
  response.statusCode = PROBLEMS[problem.code].status
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value)
  response.setHeader('Content-Type', 'application/problem+json')
  response.setHeader('Cache-Control', 'no-store')
  response.end(problemBody(problem, requestId))
}
