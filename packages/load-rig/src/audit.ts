import type { Database } from '@boxoffice/core/db/connect.ts'
import { countContradictions, describeContradiction } from './ledger/check.ts'
import { BOOKING_CHECKS, PRODUCT_CHECKS } from './ledger/ledger-checks.ts'
import { UNDECIDED } from './ledger/settled.ts'

/** What a run has to account for. */
export interface Expected {
  /** Everything that was answered 202, or decided while its client waited. Baselines have no requests. */
  readonly requestIds: readonly string[] | null
  /** Bookings that clients were told of. */
  readonly booked: number
  /** Seats that were taken before the run, without bookings. */
  readonly preallocated: number
}

const IDS_PER_QUERY = 50_000

/** Of the checks, the one that finds seats which were taken without a booking. */
const SEATS = 'I6 a seat that a live booking has lost, or a dead one kept'

/** Compares the database with what must be true of it after a run. Returns one sentence per violation. */
export async function auditDatabase({ pool }: Database, expected: Expected): Promise<string[]> {
  const violations: string[] = []
  const checks = expected.requestIds === null ? BOOKING_CHECKS : [...PRODUCT_CHECKS, UNDECIDED]
  for (const check of checks) {
    const found = await countContradictions(pool, check)
    const tolerated = check.name === SEATS ? expected.preallocated : 0
    if (found.count !== tolerated) violations.push(describeContradiction(found))
  }

  const { rows } = await pool.query<{ bookings: number }>('select count(*) as bookings from bookings')
  const bookings = rows[0]?.bookings ?? 0
  if (bookings < expected.booked)
    violations.push(`${expected.booked} bookings told of, but ${bookings} in the database`)

  const ids = expected.requestIds ?? []
  for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
    const chunk = ids.slice(at, at + IDS_PER_QUERY)
    const { rows: found } = await pool.query<{ decided: number }>(
      `select count(*) as decided from unnest($1::uuid[]) as i(id)
       join booking_requests q on q.id = i.id and q.state <> 'queued'`,
      [chunk],
    )
    const lost = chunk.length - (found[0]?.decided ?? 0)
    if (lost !== 0) violations.push(`${lost} accepted requests are lost or undecided`)
  }
  return violations
}
