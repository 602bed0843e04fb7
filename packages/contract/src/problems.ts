import type { ProblemCode } from '@boxoffice/core/domain/problems.ts'

/** Any request may be answered with these, before it is known which operation it is for. */
export const TRANSPORT_PROBLEMS = [
  'malformed_http',
  'malformed_url',
  'method_not_allowed',
  'request_timeout',
  'headers_too_large',
] as const satisfies readonly ProblemCode[]
