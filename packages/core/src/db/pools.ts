import type { Logger } from '../logger.ts'
import { type Database, openDatabase } from './connect.ts'

/** A request that is too heavy even alone gets this long for each statement in its last try. */
export const LAST_TRY_TIMEOUT_MS = 15_000

/*
 * Each use has a pool of its own, so that a flood of reads cannot keep a lane from being decided. Times are bounds for
 * something going wrong, far above what these statements take.
 */

/** For writing requests into lanes: one connection per lane that is being written at the moment. */
export function openIntakePool(url: string, logger: Logger): Database {
  return openDatabase({
    url,
    logger,
    name: 'boxoffice-intake',
    max: 8,
    statementTimeoutMs: 10_000,
    lockTimeoutMs: 8_000,
    idleInTransactionTimeoutMs: 2_000,
    indexPlansOnly: true,
  })
}

/**
 * For deciding. A frozen worker loses its transaction, and with it the lane's lock, after two seconds (I9). A batch that
 * takes seconds is too heavy: its lane stands still meanwhile, so it is made smaller soon.
 */
export function openDecidingPool(url: string, logger: Logger): Database {
  return openDatabase({
    url,
    logger,
    name: 'boxoffice-deciding',
    max: 8,
    statementTimeoutMs: 4_000,
    longestStatementTimeoutMs: LAST_TRY_TIMEOUT_MS,
    lockTimeoutMs: 3_000,
    idleInTransactionTimeoutMs: 2_000,
    indexPlansOnly: true,
  })
}

/** For the life of a booking after its decision. A frozen process must not keep a booking locked for long. */
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

/** For reads. */
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
