import type { ProblemCode } from './api.ts'

/** Error in one part of a request. */
export interface FieldProblem {
  /** JSON Pointer (RFC 6901) into the body, or the query parameter after a slash. */
  readonly pointer: string
  readonly detail: string
}

/** The API said no. Go by `code`; `message` is a sentence for people. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly status: number
  /** `unknown` where something on the way answered instead of Boxoffice. */
  readonly code: ProblemCode | 'unknown'
  readonly errors: readonly FieldProblem[]
  readonly requestId: string | null
  /** Seconds after which another try makes sense, where the answer said so. */
  readonly retryAfter: number | null
  /** Further members of the problem: `current`, `allowed`, `refundable`, … */
  readonly facts: Readonly<Record<string, unknown>>

  constructor(status: number, body: unknown, retryAfter: string | null) {
    const { code, detail, errors, requestId, type: _type, title, status: _status, ...facts } = fieldsOf(body)
    super(typeof detail === 'string' ? detail : typeof title === 'string' ? title : `HTTP ${status}`)
    this.status = status
    this.code = typeof code === 'string' ? (code as ProblemCode) : 'unknown'
    this.errors = Array.isArray(errors) ? errors : []
    this.requestId = typeof requestId === 'string' ? requestId : null
    this.retryAfter = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null
    this.facts = facts
  }
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? { ...body } : {}
}
