import { setTimeout as pause } from 'node:timers/promises'
import type pg from 'pg'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { ObservedRequest } from '../generator/outcome.ts'
import type { Verification } from '../results/results.ts'
import { type Check, describeFinding, type Finding, runCheck } from './check.ts'
import { CATALOGUE_CHECKS } from './checks/catalogue.ts'
import { BOOKING_CHECKS, PRODUCT_CHECKS } from './checks/product.ts'
import { SETTLED_CHECKS, UNDECIDED } from './checks/settled.ts'
import { checkReferences, checkRequests } from './told.ts'

/** Everything that a run has to account for. */
export interface Expected {
  readonly database: Database
  /** `false` for a baseline, which has no line; its requests are not looked for. */
  readonly hasLine?: boolean
  /** Resources whose catalogue has not changed since their first booking. */
  readonly resourceIds?: readonly string[]
  /** Everything that was accepted. */
  readonly requests?: readonly ObservedRequest[]
  /** References of the bookings that clients were told of, once each. */
  readonly references?: readonly string[]
  /** Bookings that have to be there at least. */
  readonly bookings?: number
  /** Seats that were taken before the run, without bookings. */
  readonly preallocated?: number
  /** The time that workers may take to finish what is left over. `null`: they are stopped, and only the line has to be empty. */
  readonly settleWithinMs: number | null
}

const LOOK_EVERY_MS = 200
/** The check that finds seats which were taken without a booking. */
const SEATS = 'I6 a seat that a live booking has lost, or a dead one kept'

/**
 * Compares the database after a run with the invariants and with what clients were told. Nobody may send anything any
 * more; what workers still have to finish is waited for.
 *
 * @throws the driver's error when the database cannot be read: then nothing is known of the run.
 */
export async function verifyRun(expected: Expected): Promise<Verification> {
  const { database, hasLine = true, resourceIds, requests = [], references = [], settleWithinMs } = expected
  const { pool } = database
  const leftOver = settleWithinMs === null ? [] : await checkSettled(pool, settleWithinMs)
  const found: Finding[] = []
  const checks = [
    ...(hasLine ? PRODUCT_CHECKS : BOOKING_CHECKS),
    ...(resourceIds === undefined ? [] : CATALOGUE_CHECKS),
  ]
  for (const check of checks) {
    found.push(await runCheck(pool, check, resourceIds))
  }
  if (hasLine) found.push(...(await checkRequests(pool, requests)))
  found.push(...(await checkReferences(pool, references)), await checkBookings(pool, expected.bookings ?? 0))
  if (hasLine && settleWithinMs === null) found.push(await runCheck(pool, UNDECIDED))
  return verificationOf([...found.map((one) => withoutPreallocated(one, expected.preallocated ?? 0)), ...leftOver])
}

const verificationOf = (found: readonly Finding[]): Verification => ({
  checks: found.map(({ name, count }) => ({ what: name, bad: count })),
  violations: found.filter(({ count }) => count > 0).map(describeFinding),
})

async function checkSettled(pool: pg.Pool, withinMs: number): Promise<Finding[]> {
  const deadline = performance.now() + withinMs
  const found: Finding[] = []
  for (const check of SETTLED_CHECKS) found.push(await waitUntilSettled(pool, check, deadline))
  return found
}

async function waitUntilSettled(pool: pg.Pool, check: Check, deadline: number): Promise<Finding> {
  for (;;) {
    const found = await runCheck(pool, check)
    if (found.count === 0 || performance.now() > deadline) return found
    await pause(LOOK_EVERY_MS)
  }
}

async function checkBookings(pool: pg.Pool, expected: number): Promise<Finding> {
  const { rows } = await pool.query<{ bookings: number }>('select count(*) as bookings from bookings')
  return { name: 'I2 bookings that are missing', count: Math.max(0, expected - (rows[0]?.bookings ?? 0)), samples: [] }
}

/** Seats that were taken before the run have no booking: as many as these are expected, no more and no fewer. */
const withoutPreallocated = (found: Finding, preallocated: number): Finding =>
  found.name === SEATS ? { ...found, count: Math.abs(found.count - preallocated) } : found

/** Puts the verifications of several runs together. */
export function mergeVerifications(parts: readonly (Verification & { readonly run: string })[]): Verification {
  const checks = new Map<string, number>()
  for (const { what, bad } of parts.flatMap((part) => part.checks)) checks.set(what, (checks.get(what) ?? 0) + bad)
  return {
    checks: [...checks].map(([what, bad]) => ({ what, bad })),
    violations: parts.flatMap(({ run, violations }) => violations.map((violation) => `${run}: ${violation}`)),
  }
}
