import type { Request } from 'express'
import { keyedRequest, type KeyedRequest } from '@boxoffice/core/services/idempotency.ts'
import type { Caller } from '@boxoffice/core/tokens.ts'
import { idempotencyKey } from './idempotency-key.ts'

/** The `Idempotency-Key` of a request that changes a booking, or `null`. `operation` names it in one spelling. */
export function keyed(request: Request<object>, caller: Caller, operation: string, body: unknown): KeyedRequest | null {
  return keyedRequest(caller.subject, idempotencyKey(request.headers['idempotency-key']), operation, body)
}
