import type pg from 'pg'
import type { Contradiction } from '@boxoffice/load-rig/ledger/check.ts'
import type { Sighting } from '../generator/outcome.ts'
import { findOrderViolations, type Placed } from './order.ts'

/** What clients were told, held against what the database says. */

const IDS_PER_QUERY = 20_000

interface StoredRequest {
  readonly id: string
  readonly resourceId: string
  readonly seq: number
  readonly state: 'queued' | 'booked' | 'refused'
}

/** Every accepted request is there, decided as its client was told, and not before one that came earlier. */
export async function checkSightings(pool: pg.Pool, sightings: readonly Sighting[]): Promise<Contradiction[]> {
  const stored = await readRequests(
    pool,
    sightings.map(({ requestId }) => requestId),
  )
  const idsOf = (is: (sighting: Sighting, request: StoredRequest | undefined) => boolean) =>
    sightings.filter((sighting) => is(sighting, stored.get(sighting.requestId))).map(({ requestId }) => requestId)
  const placed = sightings.flatMap((sighting) => {
    const request = stored.get(sighting.requestId)
    return request === undefined ? [] : [placedOf(sighting, request)]
  })
  return [
    contradiction(
      'I2 an accepted request that is lost',
      idsOf((_, request) => request === undefined),
    ),
    contradiction(
      'I2 an accepted request for something else than its client asked for',
      idsOf(({ resourceId }, request) => request !== undefined && request.resourceId !== resourceId),
    ),
    contradiction(
      'I2 an accepted request without an outcome',
      idsOf((_, request) => request?.state === 'queued'),
    ),
    contradiction(
      'I3 an outcome that is not what the client was told',
      idsOf(
        ({ outcome }, request) =>
          outcome !== null && request !== undefined && request.state !== 'queued' && request.state !== outcome,
      ),
    ),
    contradiction(
      'I4 one request that two clients were told of',
      repeated(sightings.map(({ requestId }) => requestId)),
    ),
    contradiction(
      'I8 a request before one that its sender could have known of',
      findOrderViolations(placed).map(({ later, earlier }) => `${later.requestId} before ${earlier.requestId}`),
    ),
  ]
}

/** Every reference that a client was told is that of one booking. */
export async function checkReferences(pool: pg.Pool, references: readonly string[]): Promise<Contradiction[]> {
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
    contradiction('I2 a reference that a client was told and no booking has', missing),
    contradiction('I2 a reference that two clients were told', repeated(references)),
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

/** Whoever was told an outcome knew that the request was accepted, also where nothing had said so before. */
function placedOf({ requestId, sentMs, acceptedMs, decidedMs }: Sighting, { resourceId, seq }: StoredRequest): Placed {
  return { requestId, resourceId, seq, sentMs, knownMs: acceptedMs ?? decidedMs }
}

function contradiction(name: string, found: readonly string[]): Contradiction {
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
