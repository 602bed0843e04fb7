import type pg from 'pg'
import { isBadRow, isTransient } from '../../db/sql-errors.ts'
import type { Submission } from '../../domain/booking-request.ts'
import { type DecideJob, PAYLOAD_VERSION } from '../../queue/payloads.ts'
import type { Logger } from '../../runtime/logger.ts'
import { withRetries } from '../../runtime/retry.ts'
import { inHalves } from '../../use-case/in-halves.ts'
import { Problem } from '../../use-case/problem.ts'
import { findBookingRequestsByKey } from '../queries/find-booking-requests.ts'
import { insertBookingRequests } from '../queries/insert-booking-requests.ts'
import type { StoredRequest } from '../request-view.ts'
import { bodyHashOf } from './body-hash.ts'
import { storedKeyOf } from './stored-key.ts'

/**
 * Result of a submission. `moved`: its resource is in another lane by now, ask there; or its lane does not exist, or
 * accepts no requests.
 */
export type IntakeResult =
  | { readonly kind: 'inserted' | 'known'; readonly request: StoredRequest }
  | { readonly kind: 'moved' }

export interface WriteDependencies {
  readonly pool: pg.Pool
  readonly logger: Logger
  /** Called after each commit, with the requests it brought; must not throw. */
  readonly onWritten: (job: DecideJob) => void
}

/** A submission to be written under its id, and where to report its result. */
export interface Submitted {
  readonly id: string
  readonly submission: Submission
  resolve(result: IntakeResult): void
  reject(error: unknown): void
}

/** Writes a batch into a lane. A row that cannot be stored is found by halving, so that no other fails with it. */
export async function writeBatch(deps: WriteDependencies, lane: number, batch: readonly Submitted[]): Promise<void> {
  const written = inHalves(batch, {
    attempt: async (part) => ({
      part,
      inserted: await persistently(deps, lane, () => insertBookingRequests(deps.pool, lane, part)),
    }),
    isOnesFault: isBadRow,
    setAside: ({ reject }, cause) => {
      reject(new Problem('invalid_request', { detail: 'The request contains text that cannot be stored.', cause }))
      return { part: [], inserted: [] }
    },
  })
  for await (const { part, inserted } of written) {
    if (inserted.length > 0) deps.onWritten(decideJob(lane, inserted))
    const byId = new Map(inserted.map((request) => [request.view.id, request]))
    const others: Submitted[] = []
    for (const submitted of part) {
      const request = byId.get(submitted.id)
      if (request === undefined) others.push(submitted)
      else submitted.resolve({ kind: 'inserted', request })
    }
    if (others.length > 0) await resolveKnown(deps, lane, others)
  }
}

/**
 * Resolves submissions that were not inserted: they have a known key or a resource that moved (or a lane that is missing or
 * drained). A key whose first INSERT committed while ours waited for it was invisible to our statement, so a second one
 * reads it.
 */
async function resolveKnown(deps: WriteDependencies, lane: number, others: readonly Submitted[]): Promise<void> {
  const keys = others.map(keyOf)
  const known = await persistently(deps, lane, () => findBookingRequestsByKey(deps.pool, keys))
  const byKey = new Map(known.map((request) => [pairOf(request), request]))
  for (const submitted of others) {
    const { submission, resolve, reject } = submitted
    const request = byKey.get(pairOf(keyOf(submitted)))
    if (request === undefined) resolve({ kind: 'moved' })
    else if (request.bodyHash === bodyHashOf(submission)) resolve({ kind: 'known', request })
    else reject(new Problem('idempotency_key_reused'))
  }
}

/** Repeats a COMMIT of unknown outcome with the same ids and keys: if it did commit, the rows are known by now. */
function persistently<T>({ logger }: WriteDependencies, lane: number, work: () => Promise<T>): Promise<T> {
  const onRetry = (error: unknown, attempt: number) =>
    logger.warn({ err: error, lane, attempt }, 'intake failed, trying again')
  return withRetries({ attempts: 4, baseMs: 50, capMs: 1_000, isRetried: isTransient, onRetry }, work)
}

function decideJob(lane: number, inserted: readonly StoredRequest[]): DecideJob {
  const seqs = inserted.map(({ view }) => view.seq)
  const requestIds = inserted.map(({ view }) => view.id)
  return { v: PAYLOAD_VERSION, lane, from: Math.min(...seqs), to: Math.max(...seqs), requestIds }
}

function keyOf({ id, submission }: Submitted) {
  return { owner: submission.owner, idempotencyKey: storedKeyOf(submission, id) }
}

const pairOf = (key: { readonly owner: string; readonly idempotencyKey: string }) =>
  JSON.stringify([key.owner, key.idempotencyKey])
