import type pg from 'pg'
import type { Finding } from './check.ts'
import type { ObservedRequest } from '../generator/outcome.ts'
import { findOrderViolations, type Placed } from './order.ts'

const IDS_PER_QUERY = 20_000

interface StoredRequest {
  readonly id: string
  readonly resourceId: string
  readonly seq: number
  readonly state: 'queued' | 'booked' | 'refused'
}

/** Finds accepted requests that are missing, decided otherwise than their client was told, or before an earlier one. */
export async function checkRequests(pool: pg.Pool, observed: readonly ObservedRequest[]): Promise<Finding[]> {
  const ids = observed.map(({ requestId }) => requestId)
  const stored = await readRequests(pool, ids)
  const idsOf = (is: (one: ObservedRequest, request: StoredRequest) => boolean) =>
    observed.flatMap((one) => {
      const request = stored.get(one.requestId)
      return request !== undefined && is(one, request) ? [one.requestId] : []
    })
  const placed = observed.flatMap((one) => {
    const request = stored.get(one.requestId)
    return request === undefined ? [] : [placedOf(one, request)]
  })
  return [
    finding(
      'I2 an accepted request that is lost',
      ids.filter((id) => !stored.has(id)),
    ),
    finding(
      'I2 an accepted request for something else than its client asked for',
      idsOf(({ resourceId }, request) => request.resourceId !== resourceId),
    ),
    finding(
      'I2 an accepted request without an outcome',
      idsOf((_, { state }) => state === 'queued'),
    ),
    finding(
      'I3 an outcome that is not what the client was told',
      idsOf(({ outcome }, { state }) => outcome !== null && state !== 'queued' && state !== outcome),
    ),
    finding('I4 one request that two clients were told of', repeated(ids)),
    finding(
      'I8 a request before one that its sender could have known of',
      findOrderViolations(placed).map(({ later, earlier }) => `${later.requestId} before ${earlier.requestId}`),
    ),
  ]
}

/** Finds references that a client was told and that are not those of one booking. */
export async function checkReferences(pool: pg.Pool, references: readonly string[]): Promise<Finding[]> {
  const missing: string[] = []
  for (const chunk of chunksOf(references)) {
    const { rows } = await pool.query<{ reference: string }>(
      `select t.reference from unnest($1::text[]) as t(reference)
       left join bookings b on b.reference = t.reference group by 1 having count(b.id) = 0`,
      [chunk],
    )
    missing.push(...rows.map(({ reference }) => reference))
  }
  return [
    finding('I2 a reference that a client was told and no booking has', missing),
    finding('I2 a reference that two clients were told', repeated(references)),
  ]
}

async function readRequests(pool: pg.Pool, ids: readonly string[]): Promise<ReadonlyMap<string, StoredRequest>> {
  const stored = new Map<string, StoredRequest>()
  for (const chunk of chunksOf(ids)) {
    const { rows } = await pool.query<StoredRequest>(
      `select q.id, q.resource_id as "resourceId", q.seq, q.state
       from unnest($1::uuid[]) as i(id) join booking_requests q on q.id = i.id`,
      [chunk],
    )
    for (const row of rows) stored.set(row.id, row)
  }
  return stored
}

/**
 * Places a request. Whoever was told an outcome knew that the request was accepted, also if nothing had said so before.
 */
function placedOf(
  { requestId, sentMs, acceptedMs, decidedMs }: ObservedRequest,
  { resourceId, seq }: StoredRequest,
): Placed {
  return { requestId, resourceId, seq, sentMs, knownMs: acceptedMs ?? decidedMs }
}

function finding(name: string, found: readonly string[]): Finding {
  return { name, count: found.length, samples: found.slice(0, 3) }
}

function repeated(values: readonly string[]): string[] {
  const seen = new Set<string>()
  const again = new Set<string>()
  for (const value of values) {
    if (seen.has(value)) again.add(value)
    seen.add(value)
  }
  return [...again]
}

function* chunksOf(values: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < values.length; at += IDS_PER_QUERY) yield values.slice(at, at + IDS_PER_QUERY)
}
