import { run, type Transaction } from '../../db/transaction.ts'

export interface LockedLane {
  readonly id: number
  readonly watermark: number
  readonly paused: boolean
  readonly decidedPerSecond: number
  /** Milliseconds since the epoch. */
  readonly decidedAt: number
}

const select = (locking: string) => `
  select id, watermark, paused, decided_per_second as "decidedPerSecond",
    (extract(epoch from decided_at) * 1000)::float8 as "decidedAt"
  from lanes where id = $1 for no key update ${locking}`

const LOCK = { name: 'lock-lane', text: select('') }
const LOCK_IF_FREE = { name: 'lock-lane-if-free', text: select('skip locked') }

/** Locks the lane for deciding, waiting for whoever holds it. `null` where there is no such lane. */
export async function lockLane(tx: Transaction, lane: number): Promise<LockedLane | null> {
  const [row] = await run<LockedLane>(tx.client, LOCK, [lane])
  return row ?? null
}

/** Locks the lane unless it is locked: `null` then, as where there is no such lane. */
export async function lockLaneIfFree(tx: Transaction, lane: number): Promise<LockedLane | null> {
  const [row] = await run<LockedLane>(tx.client, LOCK_IF_FREE, [lane])
  return row ?? null
}
