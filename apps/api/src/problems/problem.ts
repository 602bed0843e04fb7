import type { ServerResponse } from 'node:http'
import { type ProblemCode, PROBLEMS } from '@boxoffice/contract/problems.ts'

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
    // Nobody reads where a client's mistake was found, and taking the stack is a twentieth of what a refusal costs: enough
    // where they come by the thousand a second.
    const { stackTraceLimit } = Error
    if (PROBLEMS[code].status < 500) Error.stackTraceLimit = 0
    super(detail ?? `${PROBLEMS[code].title}.`)
    Error.stackTraceLimit = stackTraceLimit
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
