import type pg from 'pg'
import { isBadRow, isTransient } from '../../db/sql-errors.ts'
import { type DecideJob, PAYLOAD_VERSION } from '../../queue/payloads.ts'
import type { Logger } from '../../runtime/logger.ts'
import { withRetries } from '../../runtime/retry.ts'
import { inHalves } from '../../use-case/in-halves.ts'
import { Problem } from '../../use-case/problem.ts'
import { type BookingRequestRow, findBookingRequestsByKey } from '../queries/find-booking-requests.ts'
import {
  type IncomingRequest,
  insertBookingRequests,
  type InsertedRequest,
} from '../queries/insert-booking-requests.ts'

/**
 * How a submission got into the line. `moved`: its resource is in another lane by now, ask there; or its lane is gone, or
 * takes none at the moment.
 */
export type IntakeResult =
  | { readonly kind: 'inserted'; readonly row: InsertedRequest }
  | { readonly kind: 'known'; readonly row: BookingRequestRow }
  | { readonly kind: 'moved' }

export interface WriteDependencies {
  readonly pool: pg.Pool
  readonly logger: Logger
  /** Called after each commit, with the requests it brought; must not throw. */
  readonly onWritten: (job: DecideJob) => void
}

/** A request to be written, and where to report what became of it. */
export interface Submitted {
  readonly request: IncomingRequest
  resolve(result: IntakeResult): void
  reject(error: unknown): void
}

/** Writes a batch into a lane. A row that cannot be stored is found by halving, so that no other fails with it. */
export async function writeBatch(deps: WriteDependencies, lane: number, batch: readonly Submitted[]): Promise<void> {
  const written = inHalves(batch, {
    attempt: async (part) => {
      const requests = part.map(({ request }) => request)
      return { part, rows: await persistently(deps, lane, () => insertBookingRequests(deps.pool, lane, requests)) }
    },
    isOnesFault: isBadRow,
    setAside: ({ reject }, cause) => {
      reject(new Problem('invalid_request', { detail: 'The request holds something that cannot be stored.', cause }))
      return { part: [], rows: [] }
    },
  })
  for await (const { part, rows } of written) {
    if (rows.length > 0) deps.onWritten(decideJob(lane, rows))
    const byId = new Map(rows.map((row) => [row.id, row]))
    const others: Submitted[] = []
    for (const submitted of part) {
      const row = byId.get(submitted.request.id)
      if (row === undefined) others.push(submitted)
      else submitted.resolve({ kind: 'inserted', row })
    }
    if (others.length > 0) await resolveKnown(deps, lane, others)
  }
}

/**
 * What was not inserted has a known key or a resource that moved (or a lane that is gone or being drained). A key whose
 * first INSERT committed while ours waited for it was invisible to our statement, so it is read by a second one.
 */
async function resolveKnown(deps: WriteDependencies, lane: number, others: readonly Submitted[]): Promise<void> {
  const requests = others.map(({ request }) => request)
  const rows = await persistently(deps, lane, () => findBookingRequestsByKey(deps.pool, requests))
  const byKey = new Map(rows.map((row) => [pairOf(row), row]))
  for (const { request, resolve, reject } of others) {
    const row = byKey.get(pairOf(request))
    if (row === undefined) resolve({ kind: 'moved' })
    else if (row.bodyHash.toString('hex') === request.bodyHash) resolve({ kind: 'known', row })
    else reject(new Problem('idempotency_key_reused'))
  }
}

/** A COMMIT of unknown outcome is repeated with the same ids and keys: if it did commit, the rows are known by now. */
function persistently<T>({ logger }: WriteDependencies, lane: number, work: () => Promise<T>): Promise<T> {
  const onRetry = (error: unknown, attempt: number) =>
    logger.warn({ err: error, lane, attempt }, 'intake failed, trying again')
  return withRetries({ attempts: 4, baseMs: 50, capMs: 1_000, isRetried: isTransient, onRetry }, work)
}

function decideJob(lane: number, inserted: readonly InsertedRequest[]): DecideJob {
  const seqs = inserted.map(({ seq }) => seq)
  const requestIds = inserted.map(({ id }) => id)
  return { v: PAYLOAD_VERSION, lane, from: Math.min(...seqs), to: Math.max(...seqs), requestIds }
}

const pairOf = (key: { readonly owner: string; readonly idempotencyKey: string }) =>
  JSON.stringify([key.owner, key.idempotencyKey])
