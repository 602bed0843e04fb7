/**
 * Pausing, draining and resuming one lane, by those who run the service.
 *
 * Keeps: I2 (what was accepted stays in its place and is decided once the lane goes on) and I7, as far as a lane has it: it
 * belongs to no organizer, so there is an audit row and no outgoing event.
 * Locks: the lane → the idempotency key → the lane's intake row. It waits for the batch in hand and for the write of whoever
 * accepts, so that once this has committed nothing more is decided (paused) or accepted (draining).
 *
 * The tempting wrong way is to pause the queue: the sweep needs no job, and would decide all the same.
 */
import type { Database } from '../../db/connect.ts'
import { insertOperatorRecord } from '../../records/queries/insert-operator-record.ts'
import { type LaneFlags, lockLaneFlags, updateLaneFlags } from '../queries/update-lane-flags.ts'
import { inTransaction } from '../../db/transaction.ts'
import { laneEntityId } from '../../domain/lane.ts'
import { type KeyedRequest, makeOnce } from '../../use-case/idempotency.ts'
import { newId } from '../../runtime/new-id.ts'
import { notFound } from '../../use-case/problem.ts'

/** What a lane may be told, and the audit's word for it. */
const ACTIONS = {
  pause: { done: 'lane.paused', flags: ({ draining }: LaneFlags) => ({ paused: true, draining }) },
  // Its requests are to be decided, which a paused lane would not do.
  drain: { done: 'lane.draining', flags: () => ({ paused: false, draining: true }) },
  resume: { done: 'lane.resumed', flags: () => ({ paused: false, draining: false }) },
} as const

export type LaneAction = keyof typeof ACTIONS

export interface LaneChange {
  readonly lane: number
  readonly action: LaneAction
  readonly reason: string
  readonly actor: string
  readonly requestId: string
  readonly keyed: KeyedRequest | null
}

/** Changes the lane; telling it what it does already changes nothing. Throws Problem `not_found`. */
export async function changeLane(database: Database, change: LaneChange): Promise<{ readonly replayed: boolean }> {
  const { lane, action, reason, actor, requestId } = change
  return inTransaction(database, async (tx) => {
    const before = await lockLaneFlags(tx, lane)
    if (before === null) throw notFound('lane')
    return makeOnce(tx, change.keyed, async () => {
      const entityId = laneEntityId(lane)
      const { done, flags } = ACTIONS[action]
      const after = flags(before)
      if (after.paused === before.paused && after.draining === before.draining) return entityId
      await updateLaneFlags(tx, lane, after)
      await insertOperatorRecord(tx, {
        id: newId(),
        actor,
        action: done,
        entity: 'lane',
        entityId,
        before: { lane, ...before },
        after: { lane, ...after, reason },
        requestId,
      })
      return entityId
    })
  })
}
