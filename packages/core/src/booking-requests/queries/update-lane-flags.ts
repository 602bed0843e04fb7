import { eq } from '../../db/drizzle.ts'
import { laneIntake, lanes } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'

export interface LaneFlags {
  readonly paused: boolean
  readonly draining: boolean
}

/** Locks the lane and returns its flags; `null` where there is no such lane. */
export async function lockLaneFlags(tx: Transaction, lane: number): Promise<LaneFlags | null> {
  const [flags] = await tx.orm
    .select({ paused: lanes.paused, draining: lanes.draining })
    .from(lanes)
    .where(eq(lanes.id, lane))
    .for('no key update')
  return flags ?? null
}

/** Needs the lane's lock; locks its intake row. */
export async function updateLaneFlags(tx: Transaction, lane: number, flags: LaneFlags): Promise<void> {
  await tx.orm.update(lanes).set(flags).where(eq(lanes.id, lane))
  await tx.orm.update(laneIntake).set({ draining: flags.draining }).where(eq(laneIntake.lane, lane))
}
