import type { z } from 'zod'
import type { Operation } from '@boxoffice/contract/operation.ts'
import type { operations } from '@boxoffice/contract/operations.ts'

/** The calls of the API by name, as its own contract declares them. Types only: nothing of it is loaded. */
type Operations = typeof operations
export type OperationId = keyof Operations

type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined

/** In a query everything is text on the wire; numbers may be given as such. */
type QueryInput<Schema> = Schema extends z.ZodUndefined
  ? never
  : Schema extends z.ZodType
    ? { [Name in keyof z.input<Schema>]?: z.input<Schema>[Name] | number | boolean | undefined }
    : never

type PartsOf<Id extends OperationId> =
  Operations[Id] extends Operation<infer _Access, infer Params, infer Query, infer Body, infer Answers>
    ? { params: Params; query: Query; body: Body; answers: Answers }
    : never

/** What a call takes. */
export interface CallOptions<Id extends OperationId> {
  readonly params?: Input<PartsOf<Id>['params']>
  readonly query?: QueryInput<PartsOf<Id>['query']>
  readonly body?: Input<PartsOf<Id>['body']>
  /** Sent as `Idempotency-Key`. */
  readonly idempotencyKey?: string
  /** Wait up to this many seconds (25 at the most) for the outcome. */
  readonly waitSeconds?: number
  readonly signal?: AbortSignal
}

type JsonOf<Answers> = {
  [Status in keyof Answers]: Answers[Status] extends { readonly schema: infer Schema extends z.ZodType }
    ? z.output<Schema>
    : never
}[keyof Answers]

/** The JSON that a call answers; `undefined` for one that answers something else. */
export type AnswerOf<Id extends OperationId> = [JsonOf<PartsOf<Id>['answers']>] extends [never]
  ? undefined
  : JsonOf<PartsOf<Id>['answers']>
