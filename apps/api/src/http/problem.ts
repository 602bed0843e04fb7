import type { ServerResponse } from 'node:http'
import { PROBLEMS } from '@boxoffice/core/domain/problems.ts'
import type { Problem } from '@boxoffice/core/use-case/problem.ts'

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

/** Answers with `problem` as `application/problem+json`. Headers that its thrower has set stay. */
export function sendProblem(response: ServerResponse, problem: Problem, requestId: string): void {
  response.statusCode = PROBLEMS[problem.code].status
  setRetryAfter(response, problem)
  if (problem.code === 'unauthenticated') setChallenge(response)
  // The rest of a body that was not read to its end would be taken for the next request.
  if (problem.code === 'body_too_large' && !response.req.complete) response.setHeader('Connection', 'close')
  response.setHeader('Content-Type', 'application/problem+json')
  response.setHeader('Cache-Control', 'no-store')
  response.end(problemBody(problem, requestId))
}

/** Sets `Retry-After`, where there is a time to tell. */
export function setRetryAfter(response: ServerResponse, { retryAfterSeconds }: Problem): void {
  if (retryAfterSeconds !== null) response.setHeader('Retry-After', String(retryAfterSeconds))
}

/** Sets the challenge, which says whether there was a token at all (RFC 6750 section 3). */
function setChallenge(response: ServerResponse): void {
  if (response.hasHeader('WWW-Authenticate')) return
  const attempted = response.req.headers.authorization !== undefined
  const challenge = attempted ? 'Bearer realm="boxoffice", error="invalid_token"' : 'Bearer realm="boxoffice"'
  response.setHeader('WWW-Authenticate', challenge)
}
