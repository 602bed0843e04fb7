/** Refusals: what a use case, or a step on the way to it, throws so that its caller is told why. */
import { type ProblemCode, PROBLEMS } from '../domain/problems.ts'

/** An error in one part of the input. `pointer` is a JSON Pointer (RFC 6901) into the body, or the query. */
export interface FieldError {
  readonly pointer: string
  /** One English sentence for people. */
  readonly detail: string
}

interface ProblemOptions {
  /** One sentence for a person, about this occurrence. The table's serves where there is nothing to add. */
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  /** Further members, for programs (RFC 9457 section 3.2). */
  readonly facts?: Readonly<Record<string, unknown>>
  /** The seconds until the same call may succeed; `null` where waiting does not help or nothing is told of it. */
  readonly retryAfterSeconds?: number | null
  /** The error behind it, which is logged and never shown. */
  readonly cause?: unknown
}

/** A call's failure, as its caller is told of it. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly errors: readonly FieldError[]
  readonly facts: Readonly<Record<string, unknown>>
  readonly retryAfterSeconds: number | null

  constructor(code: ProblemCode, { detail, errors, facts, retryAfterSeconds, cause }: ProblemOptions = {}) {
    const kind = PROBLEMS[code]
    // Nobody reads the stack of what is not logged, and taking it is a twentieth of what a refusal costs: enough where they
    // come by the thousand a second.
    const { stackTraceLimit } = Error
    if (kind.logLevel === undefined) Error.stackTraceLimit = 0
    super(detail ?? kind.detail ?? `${kind.title}.`, cause === undefined ? undefined : { cause })
    Error.stackTraceLimit = stackTraceLimit
    this.code = code
    this.errors = errors ?? []
    this.facts = facts ?? {}
    this.retryAfterSeconds = retryAfterSeconds === undefined ? (kind.retryAfterSeconds ?? null) : retryAfterSeconds
  }
}

/** Returns whether it is a problem of one of these codes. */
export function isProblem(error: unknown, ...codes: readonly ProblemCode[]): error is Problem {
  return error instanceof Problem && codes.includes(error.code)
}

/** Makes the problem of a thing that does not exist, or that the caller may not know of. */
export function notFound(what: string): Problem {
  return new Problem('not_found', { detail: `There is no such ${what}.` })
}

/**
 * Makes the problem of a change of status that the table does not allow; `allowed` are those it does. `sentence` replaces
 * the usual one, where something other than a change of status was asked for.
 */
export function transitionRefused(
  what: string,
  current: string,
  allowed: readonly string[],
  sentence?: string,
): Problem {
  const next = new Intl.ListFormat('en', { type: 'disjunction' }).format(allowed)
  const usual =
    allowed.length === 0
      ? `The ${what} is ${current}, which is final.`
      : `The ${what} is ${current}, and can only become ${next}.`
  return new Problem('invalid_transition', { detail: sentence ?? usual, facts: { current, allowed } })
}
