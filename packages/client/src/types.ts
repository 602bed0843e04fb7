import type { Operations } from './api.ts'

/** The calls of the API by name. */
export type OperationId = keyof Operations

/** The JSON that a call answers; `undefined` for one that answers something else. */
export type AnswerOf<Id extends OperationId> = Operations[Id]['answer']

/** A part that may be left out where the operation takes none, or does not need it. */
type Part<Name extends string, Value> = undefined extends Value
  ? { readonly [Key in Name]?: Value }
  : { readonly [Key in Name]: Value }

/** Value of a query parameter. On the wire everything is text; numbers may be given as numbers. */
type QueryValue<Value> = string extends Value ? Value | number | boolean : Value

type WrittenQuery<Query> = Query extends undefined ? undefined : { [Name in keyof Query]: QueryValue<Query[Name]> }

/** Query of a call. It may be omitted if none of its parameters is required. */
type QueryOf<Query> = Record<never, never> extends Query ? Query | undefined : Query

/** Settings of any call. */
export interface CallSettings {
  /** Sent as `Idempotency-Key`. */
  readonly idempotencyKey?: string
  /** Wait up to this many seconds (25 at the most) for the outcome. */
  readonly waitSeconds?: number
  readonly signal?: AbortSignal
}

/** Input of a call: `params` for the braces of its path, `query` and `body`, each if the operation has it. */
export type CallOptions<Id extends OperationId> = Part<'params', Operations[Id]['params']> &
  Part<'query', QueryOf<WrittenQuery<Operations[Id]['query']>>> &
  Part<'body', Operations[Id]['body']> &
  CallSettings

/** The options as arguments: they may be left out where nothing in them has to be there. */
export type Arguments<Options> = Record<never, never> extends Options ? [options?: Options] : [options: Options]

/** The operations that answer pages. */
export type ListId = {
  [Id in OperationId]: AnswerOf<Id> extends { items: unknown[]; nextCursor: string | null } ? Id : never
}[OperationId]

export type ItemOf<Id extends ListId> = AnswerOf<Id>['items'][number]
