import type pg from 'pg'
import { SETBACK_PAUSES_MS, type SetbackKind } from '../../domain/setback.ts'
import { run, type Transaction } from '../../db/transaction.ts'

export interface FailedWork {
  readonly kind: SetbackKind
  /** The outgoing event, the booking or the mail. */
  readonly subjectId: string
  /** The event's entity, the booking's resource, or the mail's booking. */
  readonly entityId: string
}

/** A pause that the array does not have is null: parked. */
const RECORD = {
  name: 'record-setback',
  text: `
    insert into setbacks as s (id, kind, subject_id, entity_id, failures, error, first_failed_at, failed_at, retry_at)
    values ($1, $2, $3, $4, 1, $5, clock_timestamp(), clock_timestamp(),
      clock_timestamp() + ($6::float8[])[1] * interval '1 millisecond')
    on conflict (kind, subject_id) do update set failures = s.failures + 1, error = excluded.error,
      failed_at = excluded.failed_at,
      retry_at = clock_timestamp() + ($6::float8[])[s.failures + 1] * interval '1 millisecond'
    returning failures, retry_at is null as "isParked"`,
}

/**
 * Counts a failure of work that was done alone, by one autocommit statement: what failed is rolled back by then. The work
 * is left out for a while, a longer one each time, and parked in the end.
 *
 * @param error without personal data.
 */
export async function recordSetback(
  pool: pg.Pool,
  id: string,
  { kind, subjectId, entityId }: FailedWork,
  error: string,
): Promise<{ readonly failures: number; readonly isParked: boolean }> {
  const values = [id, kind, subjectId, entityId, error, SETBACK_PAUSES_MS]
  const [row] = await run<{ failures: number; isParked: boolean }>(pool, RECORD, values)
  if (row === undefined) throw new Error('the setback was not written')
  return row
}

const CLEAR = {
  name: 'clear-setbacks',
  text: 'delete from setbacks where kind = $1 and subject_id = any($2::uuid[])',
}

/** Forgets earlier failures of work, in the transaction that does it. */
export async function clearSetbacks(tx: Transaction, kind: SetbackKind, subjectIds: readonly string[]): Promise<void> {
  await run(tx.client, CLEAR, [kind, subjectIds])
}
