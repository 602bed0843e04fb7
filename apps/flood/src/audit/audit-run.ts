import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import {
  type Contradiction,
  countContradictions,
  describeContradiction,
  type LedgerCheck,
} from '@boxoffice/load-rig/ledger/check.ts'
import { CATALOGUE_CHECKS } from '@boxoffice/load-rig/ledger/catalogue.ts'
import { PRODUCT_CHECKS } from '@boxoffice/load-rig/ledger/ledger-checks.ts'
import { SETTLED_CHECKS } from '@boxoffice/load-rig/ledger/settled.ts'
import type { Sighting } from '../generator/outcome.ts'
import type { AuditResult } from '../report/results.ts'
import { checkReferences, checkSightings } from './promises.ts'

export interface AuditedRun {
  readonly database: Database
  /** What the run sold. The catalogue of these was not changed since the stage was set. */
  readonly resourceIds: readonly string[]
  /** Everything that was accepted. */
  readonly sightings: readonly Sighting[]
  /** Of the bookings that clients were told of, once each. */
  readonly references: readonly string[]
  /** How long workers may take to finish what is left over: 60,000 unless given. */
  readonly settleWithinMs?: number
}

const SETTLE_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 200

/**
 * Holds what the database says after a run against the invariants, and against what clients were told. The line has to
 * be empty, and nobody may want anything any more; what workers still have to finish is waited for.
 *
 * @throws the driver's error when the database cannot be read: then nothing is known of the run.
 */
export async function auditRun(run: AuditedRun): Promise<AuditResult> {
  const { pool } = run.database
  const left = await checkSettled(run)
  const found: Contradiction[] = []
  for (const check of [...PRODUCT_CHECKS, ...CATALOGUE_CHECKS]) {
    found.push(await countContradictions(pool, check, run.resourceIds))
  }
  found.push(...(await checkSightings(pool, run.sightings)))
  found.push(...(await checkReferences(pool, run.references)), ...left)
  return {
    checks: found.map(({ name, count }) => ({ what: name, bad: count })),
    violations: found.filter(({ count }) => count > 0).map(describeContradiction),
  }
}

/** What is left over once workers have finished, or when they have had long enough. */
async function checkSettled({ database, settleWithinMs = SETTLE_WITHIN_MS }: AuditedRun): Promise<Contradiction[]> {
  const deadline = performance.now() + settleWithinMs
  const left: Contradiction[] = []
  for (const check of SETTLED_CHECKS) left.push(await waitUntilSettled(database, check, deadline))
  return left
}

async function waitUntilSettled({ pool }: Database, check: LedgerCheck, deadline: number): Promise<Contradiction> {
  for (;;) {
    const found = await countContradictions(pool, check)
    if (found.count === 0 || performance.now() > deadline) return found
    await pause(LOOK_EVERY_MS)
  }
}
