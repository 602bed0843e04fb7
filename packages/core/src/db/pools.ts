import type { Logger } from '../runtime/logger.ts'
import { type Database, openDatabase } from './connect.ts'

/** A request that is too heavy even alone gets this long for each statement in its last try. */
export const LAST_TRY_TIMEOUT_MS = 15_000

/*
 * Each use has a pool of its own, so that a flood of reads cannot keep lines from being decided, and no organizer's
 * report keeps customers waiting. Times are bounds for something going wrong, far above what these statements take.
 */

export const INTAKE_CONNECTIONS = 8
export const DECIDING_CONNECTIONS = 8
export const REPORTS_CONNECTIONS = 4
/** A count of customers takes three, and imports of seating two for as long as a minute. */
export const CATALOGUE_CONNECTIONS = 8
export const PROBE_CONNECTIONS = 1

/** Opens the pool that writes requests into lines: one connection for each write in flight. */
export function openIntakePool(url: string, logger: Logger): Database {
  return openDatabase({
    url,
    logger,
    name: 'boxoffice-intake',
    max: INTAKE_CONNECTIONS,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 8_000,
    idleInTransactionTimeoutMs: 2_000,
    indexPlansOnly: 'hashing',
  })
}

/**
 * Opens the pool of deciding. A frozen worker loses its transaction, and with it the lines' locks, after two seconds
 * (I9). A batch that takes seconds is too heavy: its lines stand still meanwhile, so it is made smaller soon.
 */
export function openDecidingPool(url: string, logger: Logger): Database {
  return openDatabase({
    url,
    logger,
    name: 'boxoffice-deciding',
    max: DECIDING_CONNECTIONS,
    statementTimeoutMs: 4_000,
    longestStatementTimeoutMs: LAST_TRY_TIMEOUT_MS,
    lockTimeoutMs: 3_000,
    idleInTransactionTimeoutMs: 2_000,
    indexPlansOnly: true,
  })
}

/**
 * Opens the pool for the life of a booking after its decision. A frozen process must not keep a booking locked for
 * long.
 */
export function openLifecyclePool(url: string, max: number, logger: Logger): Database {
  return openDatabase({
    url,
    logger,
    name: 'boxoffice-lifecycle',
    max,
    statementTimeoutMs: 15_000,
    lockTimeoutMs: 5_000,
    idleInTransactionTimeoutMs: 3_000,
    indexPlansOnly: true,
  })
}

/**
 * Opens the pool for reads that customers and gates wait for: availability, requests, quotes, the catalogue, API keys.
 */
export function openGeneralPool(url: string, max: number, logger: Logger): Database {
  return openDatabase({
    url,
    logger,
    name: 'boxoffice-general',
    max,
    statementTimeoutMs: 15_000,
    lockTimeoutMs: 5_000,
    idleInTransactionTimeoutMs: 10_000,
  })
}

/** Opens the pool for lists that organizers read. They may read much, so they get few connections, and not for long. */
export function openReportsPool(url: string, logger: Logger): Database {
  return openDatabase({
    url,
    logger,
    name: 'boxoffice-reports',
    max: REPORTS_CONNECTIONS,
    statementTimeoutMs: 3_000,
    lockTimeoutMs: 2_000,
    idleInTransactionTimeoutMs: 3_000,
    orderedPlans: true,
  })
}

/** Opens the pool for changes of the catalogue, which wait for the locks of what is being sold. */
export function openCataloguePool(url: string, logger: Logger): Database {
  return openDatabase({
    url,
    logger,
    name: 'boxoffice-catalogue',
    max: CATALOGUE_CONNECTIONS,
    statementTimeoutMs: 15_000,
    lockTimeoutMs: 3_000,
    idleInTransactionTimeoutMs: 3_000,
    indexPlansOnly: true,
  })
}

/** Opens the pool of probes: a process must not seem dead because it is busy. */
export function openProbePool(url: string, logger: Logger): Database {
  return openDatabase({
    url,
    logger,
    name: 'boxoffice-probe',
    max: PROBE_CONNECTIONS,
    statementTimeoutMs: 1_500,
    lockTimeoutMs: 1_000,
    idleInTransactionTimeoutMs: 1_500,
  })
}
