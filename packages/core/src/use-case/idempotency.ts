import { createHash } from 'node:crypto'
import { and, eq, sql } from '../db/drizzle.ts'
import { idempotencyKeys } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { Problem } from './problem.ts'

/**
 * A request with an `Idempotency-Key` that changes something. The key is stored by the transaction that makes the change,
 * so that there is never one without the other. Booking requests have keys of their own, on their rows.
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
 * What an earlier request under this key made, or `null`. Until the transaction ends the key is this request's: another
 * one with it is told so at once (409), wherever it runs, and a process that dies leaves nothing behind.
 *
 * @throws Problem `idempotency_key_in_flight`, and `idempotency_key_reused` when the key was used for something else
 */
export async function findEarlier(tx: Transaction, request: KeyedRequest | null): Promise<string | null> {
  if (request === null) return null
  const locked = await tx.orm.execute<{ mine: boolean }>(
    sql`select pg_try_advisory_xact_lock(hashtextextended(${`${request.owner} ${request.key}`}, 0)) as mine`,
  )
  const [found] = await tx.orm
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.owner, request.owner), eq(idempotencyKeys.key, request.key)))
  if (found === undefined) {
    // Looked for first: a transaction that has committed lets go of its locks one by one, this one perhaps last.
    if (locked.rows[0]?.mine !== true) throw new Problem('idempotency_key_in_flight')
    return null
  }
  if (found.operation !== request.operation || !found.bodyHash.equals(request.bodyHash)) throw reused()
  return found.entityId
}

/** Stores what the request made. Needs `findEarlier` to have found nothing in this transaction. */
export async function rememberKey(tx: Transaction, request: KeyedRequest | null, entityId: string): Promise<void> {
  if (request === null) return
  await tx.orm.insert(idempotencyKeys).values({ ...request, entityId })
}

/** What was made under a key: now, or by an earlier request. */
export interface Made {
  readonly id: string
  readonly replayed: boolean
}

/** Runs `make` unless the key was used before, and remembers the id of what it made. */
export async function makeOnce(
  tx: Transaction,
  request: KeyedRequest | null,
  make: () => Promise<string>,
): Promise<Made> {
  const earlier = await findEarlier(tx, request)
  if (earlier !== null) return { id: earlier, replayed: true }
  const id = await make()
  await rememberKey(tx, request, id)
  return { id, replayed: false }
}

const reused = () => new Problem('idempotency_key_reused')
