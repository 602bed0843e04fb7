import { createHash } from 'node:crypto'
import { and, eq } from '../db/drizzle.ts'
import { idempotencyKeys } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { IdempotencyKeyReusedError } from './errors.ts'

/**
 * A request with an `Idempotency-Key` that changes a booking. The key is stored by the transaction that makes the change,
 * so that there is never one without the other, and read under the booking's lock, so that of two at once the second
 * finds the first. Booking requests have keys of their own, on their rows.
 */
export interface KeyedRequest {
  readonly owner: string
  readonly key: string
  /** Method and path. */
  readonly operation: string
  /** SHA-256 of what was asked for. */
  readonly bodyHash: Buffer
}

/** `body` is what validation made of it: fields in a fixed order, so that their order in the JSON does not count. */
export function keyedRequest(owner: string, key: string | null, operation: string, body: unknown): KeyedRequest | null {
  if (key === null) return null
  const bodyHash = createHash('sha256')
    .update(JSON.stringify(body ?? null))
    .digest()
  return { owner, key, operation, bodyHash }
}

/**
 * What an earlier request under this key made, or `null`. Needs the lock of what the request is about.
 *
 * @throws IdempotencyKeyReusedError when the key was used for something else
 */
export async function findEarlier(tx: Transaction, request: KeyedRequest | null): Promise<string | null> {
  if (request === null) return null
  const [found] = await tx.orm
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.owner, request.owner), eq(idempotencyKeys.key, request.key)))
  if (found === undefined) return null
  if (found.operation !== request.operation || !found.bodyHash.equals(request.bodyHash)) throw reused()
  return found.entityId
}

/** Stores what the request made. Throws `IdempotencyKeyReusedError` where another request took the key meanwhile. */
export async function rememberKey(tx: Transaction, request: KeyedRequest | null, entityId: string): Promise<void> {
  if (request === null) return
  const inserted = await tx.orm
    .insert(idempotencyKeys)
    .values({ ...request, entityId })
    .onConflictDoNothing()
    .returning({ key: idempotencyKeys.key })
  if (inserted.length === 0) throw reused()
}

const reused = () => new IdempotencyKeyReusedError('This idempotency key was used for another request.')
