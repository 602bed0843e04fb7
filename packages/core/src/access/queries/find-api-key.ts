import type pg from 'pg'
import type { Scope } from '../../domain/role.ts'
import { run } from '../../db/transaction.ts'

export interface StoredKey {
  readonly id: string
  readonly organizerId: string
  readonly secretHash: Buffer
  readonly role: 'staff' | 'organizer'
  readonly scopes: readonly Scope[]
}

const FIND = {
  name: 'find-api-key',
  text: `
    select id, organizer_id as "organizerId", secret_hash as "secretHash", role, scopes from api_keys
    where prefix = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
}

/** Statement that records the last use, to the minute, so that a busy key is not written for every call. */
const TOUCH = {
  name: 'touch-api-key',
  text: `update api_keys set last_used_at = now()
    where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
}

/** Returns the key of this prefix, unless it was revoked or has expired. */
export async function findApiKey(pool: pg.Pool, prefix: string): Promise<StoredKey | null> {
  const [row] = await run<StoredKey & Record<string, unknown>>(pool, FIND, [prefix])
  return row ?? null
}

/** Notes that the key is in use. */
export async function touchApiKey(pool: pg.Pool, id: string): Promise<void> {
  await run(pool, TOUCH, [id])
}
