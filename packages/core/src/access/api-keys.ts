/**
 * API keys of an organizer's machines: made, revoked and recognised.
 *
 * Only the SHA-256 of the secret part is kept: it has 256 random bits, so nothing slower is needed. It is shown once, in
 * the answer that makes the key.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import type pg from 'pg'
import { and, eq, isNull, sql } from '../db/drizzle.ts'
import { findApiKey, type StoredKey, touchApiKey } from './queries/find-api-key.ts'
import { apiKeys } from '../db/schema/index.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import type { Database } from '../db/connect.ts'
import { looksLikeApiKey, parseApiKey } from '../domain/api-key.ts'
import { drawCode } from '../domain/booking-reference.ts'
import type { Scope } from '../domain/role.ts'
import type { Caller, VerifyToken } from './tokens.ts'
import { requireOrganizer } from '../catalogue/ownership.ts'
import { type CreatedBy, recordChanges } from '../records/record-changes.ts'
import { type KeyedRequest, type Made, makeOnce } from '../use-case/idempotency.ts'
import { newId } from '../runtime/new-id.ts'
import { randomBytes } from '../runtime/random-bytes.ts'
import { notFound, Problem } from '../use-case/problem.ts'

export interface CreateApiKey extends CreatedBy {
  readonly organizerId: string
  readonly name: string
  readonly role: 'staff' | 'organizer'
  readonly scopes: readonly Scope[]
  readonly expiresAt: Date | null
  readonly keyed: KeyedRequest | null
}

/** `key` is the whole of it, and `null` where the request was sent before: it is not known any more. */
export interface CreatedApiKey extends Made {
  readonly key: string | null
}

/** @throws Problem `not_found` for the organizer, `idempotency_key_reused` */
export async function createApiKey(database: Database, input: CreateApiKey): Promise<CreatedApiKey> {
  const { organizerId, name, role, scopes, expiresAt } = input
  const prefix = `bo_${drawCode(10, randomBytes)}`
  const secret = Buffer.from(randomBytes(32)).toString('base64url')
  const made = await inTransaction(database, (tx) =>
    makeOnce(tx, input.keyed, async () => {
      await requireOrganizer(tx, organizerId)
      const id = newId()
      const terms = { name, role, scopes: [...scopes], expiresAt }
      await tx.orm
        .insert(apiKeys)
        .values({ id, organizerId, prefix, secretHash: secretHash(secret), createdBy: input.actor, ...terms })
      await record(tx, input, organizerId, id, 'created', null, { prefix, ...terms })
      return id
    }),
  )
  return { ...made, key: made.replayed ? null : `${prefix}_${secret}` }
}

/**
 * Ends a key; one that has ended stays so. Processes that know it go on taking it for a few seconds.
 *
 * @param organizerId whose key it must be; `null`, for admins, is anybody's
 * @throws Problem `not_found`
 */
export async function revokeApiKey(
  database: Database,
  { id, organizerId, ...by }: CreatedBy & { readonly id: string; readonly organizerId: string | null },
): Promise<void> {
  await inTransaction(database, async (tx) => {
    const [found] = await tx.orm
      .select({ organizerId: apiKeys.organizerId, revokedAt: apiKeys.revokedAt })
      .from(apiKeys)
      .where(and(eq(apiKeys.id, id), organizerId === null ? undefined : eq(apiKeys.organizerId, organizerId)))
      .for('no key update')
    if (found === undefined) throw notFound('API key')
    if (found.revokedAt !== null) return
    await tx.orm
      .update(apiKeys)
      .set({ revokedAt: sql`clock_timestamp()` })
      .where(and(eq(apiKeys.id, id), isNull(apiKeys.revokedAt)))
    await record(tx, by, found.organizerId, id, 'revoked', { revoked: false }, { revoked: true })
  })
}

function record(
  tx: Transaction,
  by: CreatedBy,
  organizerId: string,
  entityId: string,
  what: string,
  before: unknown,
  after: unknown,
): Promise<void> {
  return recordChanges(tx, by, [{ organizerId, entity: 'api_key', entityId, what, before, after }])
}

/** Long enough that a busy key is not looked up for every call, short enough for a revoked one to be done with soon. */
const REMEMBERED_MS = 5_000
const MAX_REMEMBERED = 1_000

/** Verifies API keys by itself, and everything else with `verifyToken`. */
export function apiKeyVerifier(pool: pg.Pool, verifyToken: VerifyToken): VerifyToken {
  const known = new Map<string, { readonly caller: Caller; readonly untilMs: number }>()
  return async (token) => {
    if (!looksLikeApiKey(token)) return verifyToken(token)
    const presented = parseApiKey(token)
    if (presented === null) throw new Problem('unauthenticated', { detail: 'The API key is malformed.' })
    const remembered = known.get(token)
    if (remembered !== undefined && remembered.untilMs > Date.now()) return remembered.caller
    known.delete(token)
    const stored = await findApiKey(pool, presented.prefix)
    if (stored === null || !timingSafeEqual(stored.secretHash, secretHash(presented.secret))) {
      throw new Problem('unauthenticated', { detail: 'The API key is unknown, revoked or expired.' })
    }
    await touchApiKey(pool, stored.id)
    const caller = callerOf(stored)
    const [oldest] = known.keys()
    if (oldest !== undefined && known.size >= MAX_REMEMBERED) known.delete(oldest)
    known.set(token, { caller, untilMs: Date.now() + REMEMBERED_MS })
    return caller
  }
}

function callerOf({ id, organizerId, role, scopes }: StoredKey): Caller {
  return { subject: `key:${id}`, role, organizerId, guest: false, scopes, bookingId: null }
}

const secretHash = (secret: string) => Buffer.from(hash('sha256', secret, 'hex'), 'hex')
