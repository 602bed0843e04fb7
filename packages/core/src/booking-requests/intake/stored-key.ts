import type { Submission } from '../../domain/booking-request.ts'

/**
 * Returns the idempotency key under which a submission is stored. One of our own makes a repeated write harmless; the
 * prefix keeps it apart from keys that clients choose.
 *
 * @param id the request's.
 */
export function storedKeyOf({ idempotencyKey }: Pick<Submission, 'idempotencyKey'>, id: string): string {
  return idempotencyKey === null ? `auto:${id}` : `key:${idempotencyKey}`
}
