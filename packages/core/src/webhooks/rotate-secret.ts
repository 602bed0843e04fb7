/**
 * Keeps: a receiver that knows the old secret verifies what it gets for another day, for both sign.
 * Locks: the endpoint → the idempotency key.
 */
import type { Database } from '../db/connect.ts'
import { eq, sql } from '../db/drizzle.ts'
import { webhookEndpoints } from '../db/schema/index.ts'
import { inTransaction } from '../db/transaction.ts'
import { OLD_SECRET_FOR_MS } from './retry.ts'
import { SECRET_BYTES, secretOf } from './signing.ts'
import { type KeyedRequest, type Made, makeOnce } from '../use-case/idempotency.ts'
import { randomBytes } from '../runtime/random-bytes.ts'
import { type EndpointCall, lockEndpoint, recordEndpoint } from './endpoint-record.ts'

/**
 * Rotates the secret of an endpoint.
 *
 * @throws Problem `not_found`, `idempotency_key_reused`
 */
export function rotateSecret(
  database: Database,
  input: EndpointCall & { readonly keyed: KeyedRequest | null },
): Promise<Made> {
  return inTransaction(database, async (tx) => {
    const found = await lockEndpoint(tx, input)
    return makeOnce(tx, input.keyed, async () => {
      await tx.orm
        .update(webhookEndpoints)
        .set({
          secret: secretOf(randomBytes(SECRET_BYTES)),
          previousSecret: found.secret,
          previousSecretExpiresAt: sql`clock_timestamp() + ${OLD_SECRET_FOR_MS}::float8 * interval '1 millisecond'`,
          updatedAt: sql`clock_timestamp()`,
        })
        .where(eq(webhookEndpoints.id, found.id))
      await recordEndpoint(tx, input, found, { type: 'webhook_endpoint.secret_rotated', after: null })
      return found.id
    })
  })
}
