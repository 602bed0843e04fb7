import { run, type Transaction } from '../../db/transaction.ts'

export interface LockedLine {
  /** Id of the showtime or event. */
  readonly id: string
  readonly watermark: number
  /** The next `seq`, from before the lock was waited for: good enough to share a batch out by. */
  readonly next: number
  readonly paused: boolean
  readonly decidedPerSecond: number
  /** Milliseconds since the epoch. */
  readonly decidedAt: number
}

const select = (locking: string) => `
  select s.resource_id as id, s.watermark, i.next, s.paused, s.decided_per_second as "decidedPerSecond",
    (extract(epoch from s.decided_at) * 1000)::float8 as "decidedAt"
  from resource_state s
  cross join lateral (select next from lines where resource_id = s.resource_id offset 0) i
  where s.resource_id = any($1::uuid[]) order by s.resource_id for no key update of s ${locking}`

const LOCK = { name: 'lock-lines', text: select('') }
const LOCK_FREE = { name: 'lock-free-lines', text: select('skip locked') }

/**
 * Locks lines, in the order of their ids, and with them what their resources sell. `wait` waits for whoever holds one;
 * `ifFree` leaves those out that somebody holds. A line that does not exist is left out.
 */
export async function lockLines(
  tx: Transaction,
  ids: readonly string[],
  mode: 'wait' | 'ifFree',
): Promise<LockedLine[]> {
  return run<LockedLine & Record<string, unknown>>(tx.client, mode === 'wait' ? LOCK : LOCK_FREE, [ids])
}
