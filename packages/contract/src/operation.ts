import type { z } from 'zod'
import type { Scope } from '@boxoffice/core/domain/role.ts'
import type { AccessName } from './access.ts'
import type { ProblemCode } from '@boxoffice/core/domain/problems.ts'

/** Rate limit of an operation; see `docs/http.md`. */
export type LimitName = 'none' | 'signed' | 'read' | 'stream' | 'write' | 'booking' | 'guestSession' | 'lookup'

export interface Answer {
  readonly description: string
  /** Schema of the JSON body. */
  readonly schema?: z.ZodType
  /** Content type of a body that is not JSON. */
  readonly contentType?: string
  /** Content type that is sent instead of JSON to clients whose `Accept` prefers it. */
  readonly preferredType?: string
  readonly example?: unknown
  /** Headers of its own and what they say, beside those that every answer of its kind has. */
  readonly headers?: Readonly<Record<string, string>>
}

/** One call of the API: what it takes, who may call it, and everything that it answers. */
export interface Operation<
  Access extends AccessName = AccessName,
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answers extends Readonly<Record<number, Answer>> = Readonly<Record<number, Answer>>,
> {
  /** Unique; also the client's name for it. */
  readonly id: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Path, with parameters in braces: `/v1/venues/{id}`. */
  readonly path: string
  readonly tag: string
  /** One line, without a full stop. */
  readonly summary: string
  readonly description?: string
  readonly access: Access
  readonly scope: Scope | null
  readonly limit: LimitName
  /** Thing that a malformed path parameter is reported about: `There is no such venue.` */
  readonly noun?: string
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** Content types of a body beside JSON. */
  readonly alsoTakes?: readonly string[]
  /** The body is read as the bytes that were signed, whatever they are. */
  readonly takesBytes?: boolean
  /** 64 KB unless given. */
  readonly maxBodyBytes?: number
  readonly bodyExample?: unknown
  /** Fields that the body does not take, and what to say of them, without a full stop; see `untakenFields`. */
  readonly untaken?: Readonly<Record<string, string>>
  /** Takes an `Idempotency-Key`: a repetition is answered with what the first one made. */
  readonly keyed?: boolean
  /** Takes `Prefer: wait=N`. */
  readonly waits?: boolean
  readonly answers: Answers
  /** Problems of its own, beside those that every call of its kind may have. */
  readonly problems: readonly ProblemCode[]
}

/** Declares an operation; keeps its id and the types of its parts. */
export function operation<
  const Id extends string,
  const Access extends AccessName,
  Params extends z.ZodType = z.ZodUndefined,
  Query extends z.ZodType = z.ZodUndefined,
  Body extends z.ZodType = z.ZodUndefined,
  Answers extends Readonly<Record<number, Answer>> = Readonly<Record<number, Answer>>,
>(declared: Operation<Access, Params, Query, Body, Answers> & { readonly id: Id }): typeof declared {
  return declared
}
