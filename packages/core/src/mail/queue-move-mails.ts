/**
 * Queueing the mails about showtimes and events that have moved, a batch of bookings of one resource at a time.
 *
 * Keeps: each buyer of a moved resource gets one mail that says how it is now, however often it moved before that mail was
 * begun. How far it is is written by the transaction that queues, so a crash repeats nothing and loses nothing. Nothing
 * stops it (I10): resources take turns, a batch that fails is made smaller, and a booking that fails alone is set aside.
 * Locks, per transaction: an advisory lock of the resource, tried and never waited for. Publishing takes none of it.
 */
import { BatchLimit } from '../use-case/batch-limit.ts'
import type { Database } from '../db/connect.ts'
import { findBookingsToTell, findMovesSetAside, insertMoveMails } from './queries/insert-move-mails.ts'
import { advancePendingMove, findMovedResources, lockPendingMove } from '../outbox/queries/pending-moves.ts'
import { clearSetbacks } from '../setbacks/queries/record-setback.ts'
import { isTooHeavy, isTransient } from '../db/sql-errors.ts'
import { inTransaction, type Transaction } from '../db/transaction.ts'
import type { Logger } from '../runtime/logger.ts'
import { Pace } from '../use-case/pace.ts'
import { setAside } from '../setbacks/set-aside.ts'

const MAX_RESOURCES = 50
const MAX_BATCH = 500
const MAX_SET_ASIDE = 100
const WITHIN_MS = 5_000

const limits = new BatchLimit({ max: MAX_BATCH })

export interface MoveMailDependencies {
  readonly database: Database
  readonly logger: Logger
}

/** Queues what is left; returns how many mails. One resource's failure is logged and keeps no other waiting. */
export async function queueMoveMails(deps: MoveMailDependencies, stopping?: AbortSignal): Promise<number> {
  let queued = await retrySetAside(deps)
  const stuck = new Set<string>()
  for (;;) {
    const moved = await findMovedResources(deps.database.pool, MAX_RESOURCES)
    let left = 0
    for (const resourceId of moved) {
      if (stopping?.aborted === true) return queued
      if (stuck.has(resourceId)) continue
      try {
        const batch = await queueBatch(deps, resourceId)
        queued += batch ?? 0
        if (batch === null) stuck.add(resourceId)
        else left += 1
      } catch (error) {
        stuck.add(resourceId)
        deps.logger.error({ err: error, resource: resourceId }, 'mails about a move could not be queued')
      }
    }
    if (left === 0) return queued
  }
}

/** Returns how many mails were queued; `null` while somebody else is at it. */
async function queueBatch({ database, logger }: MoveMailDependencies, resourceId: string): Promise<number | null> {
  const pace = new Pace(limits, resourceId, MAX_BATCH)
  for (;;) {
    let ids: readonly string[] = []
    try {
      const queued = await inTransaction(database, async (tx) => {
        const move = await lockPendingMove(tx, resourceId, WITHIN_MS)
        if (move === null) return null
        const limit = Math.min(pace.rows, pace.cost)
        ids = await findBookingsToTell(tx, resourceId, move.after, limit)
        const mails = await queueFor(tx, ids)
        await advancePendingMove(tx, move.id, ids.length < limit ? null : (ids.at(-1) ?? null))
        return mails
      })
      pace.onDone(ids.length, ids.length)
      return queued
    } catch (error) {
      const next = pace.onFailed(error, ids.length || pace.rows, ids.length || pace.cost)
      const [subjectId] = ids
      if (next === 'later' || (next === 'alone' && subjectId === undefined)) throw error
      if (next === 'alone' && subjectId !== undefined) {
        await setAside({ pool: database.pool, logger }, { kind: 'move', subjectId, entityId: resourceId }, error)
      }
    }
  }
}

async function retrySetAside({ database, logger }: MoveMailDependencies): Promise<number> {
  let queued = 0
  for (const { bookingId, resourceId } of await findMovesSetAside(database.pool, MAX_SET_ASIDE)) {
    try {
      queued += await inTransaction(database, (tx) => queueFor(tx, [bookingId]))
    } catch (error) {
      if (isTransient(error) && !isTooHeavy(error)) throw error
      const work = { kind: 'move', subjectId: bookingId, entityId: resourceId } as const
      await setAside({ pool: database.pool, logger }, work, error)
    }
  }
  return queued
}

async function queueFor(tx: Transaction, bookingIds: readonly string[]): Promise<number> {
  const queued = await insertMoveMails(tx, bookingIds)
  await clearSetbacks(tx, 'move', bookingIds)
  return queued
}
