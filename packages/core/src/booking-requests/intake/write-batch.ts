import type pg from 'pg'
import { isBadRow, isTransient } from '../../db/sql-errors.ts'
import type { Submission } from '../../domain/booking-request.ts'
import type { Logger } from '../../runtime/logger.ts'
import { withRetries } from '../../runtime/retry.ts'
import { inHalves } from '../../use-case/in-halves.ts'
import { Problem } from '../../use-case/problem.ts'
import { findBookingRequestsByKey } from '../queries/find-booking-requests.ts'
import { insertBookingRequests } from '../queries/insert-booking-requests.ts'
import type { StoredRequest } from '../request-view.ts'
import { bodyHashOf } from './body-hash.ts'
import { storedKeyOf } from './stored-key.ts'

/** Sentence for a draining line. Whoever is asked about it should see that it was done on purpose. */
const DRAINING = 'Nothing was accepted: no more booking requests are taken for this one at the moment.'

/** Retry-After of a draining line: draining lasts longer than a full line needs to become shorter. */
const DRAINING_RETRY_AFTER_S = 5

/** Result of a submission. */
export interface IntakeResult {
  readonly kind: 'inserted' | 'known'
  readonly request: StoredRequest
}

export interface WriteDependencies {
  readonly pool: pg.Pool
  readonly logger: Logger
  /** Called after each commit, with the requests it brought; must not throw. */
  readonly onWritten: (requests: readonly StoredRequest[]) => void
}

/** A submission to be written under its id, and where to report its result. */
export interface Submitted {
  readonly id: string
  readonly submission: Submission
  resolve(result: IntakeResult): void
  reject(error: unknown): void
}

/** Writes a batch into its lines. A row that cannot be stored is found by halving, so that no other fails with it. */
export async function writeBatch(deps: WriteDependencies, batch: readonly Submitted[]): Promise<void> {
  const written = inHalves(batch, {
    attempt: async (part) => ({
      part,
      inserted: await persistently(deps, () => insertBookingRequests(deps.pool, part)),
    }),
    isOnesFault: isBadRow,
    setAside: ({ reject }, cause) => {
      reject(new Problem('invalid_request', { detail: 'The request contains text that cannot be stored.', cause }))
      return { part: [], inserted: [] }
    },
  })
  for await (const { part, inserted } of written) {
    if (inserted.length > 0) deps.onWritten(inserted)
    const byId = new Map(inserted.map((request) => [request.view.id, request]))
    const others: Submitted[] = []
    for (const submitted of part) {
      const request = byId.get(submitted.id)
      if (request === undefined) others.push(submitted)
      else submitted.resolve({ kind: 'inserted', request })
    }
    if (others.length > 0) await resolveKnown(deps, others)
  }
}

/**
 * Resolves submissions that were not inserted: they have a known key, or their line is being drained. A key whose first
 * INSERT committed while ours waited for it was invisible to our statement, so a second one reads it.
 */
async function resolveKnown(deps: WriteDependencies, others: readonly Submitted[]): Promise<void> {
  const keys = others.map(keyOf)
  const known = await persistently(deps, () => findBookingRequestsByKey(deps.pool, keys))
  const byKey = new Map(known.map((request) => [pairOf(request), request]))
  for (const submitted of others) {
    const { submission, resolve, reject } = submitted
    const request = byKey.get(pairOf(keyOf(submitted)))
    if (request === undefined) {
      reject(new Problem('overloaded', { detail: DRAINING, retryAfterSeconds: DRAINING_RETRY_AFTER_S }))
    } else if (request.bodyHash === bodyHashOf(submission)) resolve({ kind: 'known', request })
    else reject(new Problem('idempotency_key_reused'))
  }
}

/** Repeats a COMMIT of unknown outcome with the same ids and keys: if it did commit, the rows are known by now. */
function persistently<T>({ logger }: WriteDependencies, work: () => Promise<T>): Promise<T> {
  const onRetry = (error: unknown, attempt: number) =>
    logger.warn({ err: error, attempt }, 'intake failed, trying again')
  return withRetries({ attempts: 4, baseMs: 50, capMs: 1_000, isRetried: isTransient, onRetry }, work)
}

function keyOf({ id, submission }: Submitted) {
  return { owner: submission.owner, idempotencyKey: storedKeyOf(submission, id) }
}

const pairOf = (key: { readonly owner: string; readonly idempotencyKey: string }) =>
  JSON.stringify([key.owner, key.idempotencyKey])
