import { z } from 'zod'
import { problemCodesOf } from '@boxoffice/contract/openapi.ts'
import type { Operation } from '@boxoffice/contract/operation.ts'
import { OPERATIONS } from '@boxoffice/contract/operations.ts'
import { TRANSPORT_PROBLEMS } from '@boxoffice/contract/problems.ts'
import { problem } from '@boxoffice/contract/schemas/problem.ts'
import { type ProblemCode, PROBLEMS } from '@boxoffice/core/domain/problems.ts'

/** An answer as a test has read it. */
export interface ReadAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** The paths that the contract must cover. Other paths (probes, pages, the sandbox) are outside of it. */
const COVERED = /^\/(?:v1|\.well-known)(?:\/|$)/

/** Codes that no test means to see. Bugs and database failures are declared for every call. */
const NEVER: ReadonlySet<ProblemCode> = new Set(['internal_error'])

const templates = OPERATIONS.map((operation) => ({
  operation,
  parameters: operation.path.split('{').length - 1,
  pattern: new RegExp(
    `^${operation.path.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+')}/?$`,
    'i',
  ),
})).sort((a, b) => a.parameters - b.parameters)

/** Returns the operation that a request is for, or `undefined`. */
function operationOf(method: string, pathname: string): Operation | undefined {
  const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
  return templates.find(({ operation, pattern }) => operation.method === verb && pattern.test(pathname))?.operation
}

/**
 * Throws unless the contract declares the answer for the request: its status, its content type, every field of its
 * body, and a problem's code.
 */
export function requireConformance(method: string, path: string, answer: ReadAnswer): void {
  // A URL goes over the wire without dot segments.
  const { pathname } = new URL(`http://api${path}`)
  const operation = operationOf(method, pathname)
  if (operation === undefined && !COVERED.test(pathname)) return
  const refuse = (why: string): never => {
    throw new Error(`${method} ${path} (${operation?.id ?? 'no operation'}): ${why}\n${answer.status} ${answer.text}`)
  }
  const type = answer.headers.get('content-type')?.split(';')[0]
  if (type === 'application/problem+json') {
    if (answer.text !== '') requireProblem(operation, answer, refuse)
    return
  }
  const declared = operation?.answers[answer.status]
  if (declared === undefined) return refuse('the status is not declared')
  if (declared.schema === undefined && declared.contentType === undefined) {
    if (answer.text !== '') refuse('there is a body where none is declared')
    return
  }
  if (type !== undefined && type === declared.preferredType) return
  if (type !== (declared.contentType ?? 'application/json')) refuse(`the type ${type} is not declared`)
  if (declared.schema === undefined || method === 'HEAD') return
  const parsed = declared.schema.safeParse(JSON.parse(answer.text))
  if (!parsed.success) refuse(z.prettifyError(parsed.error))
}

function requireProblem(operation: Operation | undefined, answer: ReadAnswer, refuse: (why: string) => never): void {
  const parsed = problem.safeParse(JSON.parse(answer.text))
  if (!parsed.success) return refuse(z.prettifyError(parsed.error))
  const { code, status } = parsed.data
  if (NEVER.has(code)) refuse('this is a bug')
  if (status !== answer.status || PROBLEMS[code].status !== status) refuse('the status is not that of the problem')
  const declared: readonly ProblemCode[] = operation === undefined ? ['not_found'] : problemCodesOf(operation)
  if (!declared.includes(code) && !TRANSPORT_PROBLEMS.some((any) => any === code)) {
    refuse(`the problem ${code} is not declared`)
  }
}
