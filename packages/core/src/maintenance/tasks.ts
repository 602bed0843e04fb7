import { claimRun } from './queries/claim-run.ts'
import { returnRun } from './queries/return-run.ts'
import { cancelResources } from '../bookings/cancel-resources.ts'
import { closeResources } from '../bookings/close-resources.ts'
import { expireHolds } from '../bookings/expire-holds.ts'
import { remindOfHolds } from '../bookings/remind-of-holds.ts'
import type { LifecycleDependencies } from '../bookings/lifecycle.ts'
import { queueMoveMails } from '../mail/queue-move-mails.ts'
import { handleLeftOverReports } from '../bookings/payments/receive-webhook.ts'
import { reconcilePayments } from '../bookings/payments/reconcile-payments.ts'
import { sendDueRefunds } from '../bookings/payments/send-refunds.ts'
import type { Cleaner } from './clean-up.ts'

/**
 * Work that comes round: a job scheduler of the queue asks for it, and the sweep does where none did for a while. Each task
 * may be run by any process at any time, also twice at once: what it does is guarded by rows, not by the schedule.
 */
export const MAINTENANCE_TASKS = {
  'expire-holds': { everyMs: 1_000 },
  'remind-of-holds': { everyMs: 60_000 },
  'settle-payments': { everyMs: 2_000 },
  'cancel-resources': { everyMs: 2_000 },
  'queue-move-mails': { everyMs: 1_000 },
  'close-resources': { everyMs: 5_000 },
  'clean-up': { everyMs: 3_600_000 },
} as const satisfies Record<string, { readonly everyMs: number }>

export type MaintenanceTask = keyof typeof MAINTENANCE_TASKS

export const maintenanceTasks = Object.keys(MAINTENANCE_TASKS).filter(isMaintenanceTask)

export function isMaintenanceTask(name: string): name is MaintenanceTask {
  return name in MAINTENANCE_TASKS
}

export interface MaintenanceDependencies extends LifecycleDependencies {
  /** Time after a show's end until its bookings are closed. */
  readonly closeAfterMs: number
  readonly cleaner: Cleaner
  readonly stopping: AbortSignal
}

/** Trigger of a run: a job, once an interval, or the sweep, which waits until a job is clearly overdue. */
export type Trigger = 'job' | 'sweep'

/** Runs the task unless somebody has just now. Returns what was done, for the job's result; `null` where nothing was due. */
export async function runTask(
  deps: MaintenanceDependencies,
  task: MaintenanceTask,
  trigger: Trigger,
): Promise<Readonly<Record<string, number>> | null> {
  const { everyMs } = MAINTENANCE_TASKS[task]
  const notWithinMs = trigger === 'job' ? everyMs / 2 : 2 * everyMs
  if (!(await claimRun(deps.database.pool, task, notWithinMs))) return null
  switch (task) {
    case 'expire-holds':
      return { expired: await expireHolds(deps, deps.stopping) }
    case 'remind-of-holds':
      return { reminded: await remindOfHolds(deps, deps.stopping) }
    case 'settle-payments':
      return settlePayments(deps)
    case 'cancel-resources':
      return { cancelled: await cancelResources(deps, deps.stopping) }
    case 'queue-move-mails':
      return { queued: await queueMoveMails(deps, deps.stopping) }
    case 'clean-up':
      return cleanUp(deps)
    case 'close-resources':
      return { closed: await closeResources(deps, deps.closeAfterMs, deps.stopping) }
  }
}

async function settlePayments(deps: MaintenanceDependencies): Promise<Readonly<Record<string, number>>> {
  await handleLeftOverReports(deps, deps.stopping)
  await reconcilePayments(deps, deps.stopping)
  // Those that the two have promised are due at once, and among them.
  return { refundsSent: await sendDueRefunds(deps, deps.stopping) }
}

/** Cleans up. If there is more than one run may do, the next one begins as soon as anybody looks. */
async function cleanUp({
  database,
  cleaner,
  stopping,
}: MaintenanceDependencies): Promise<Readonly<Record<string, number>>> {
  const { deleted, failed, isUnfinished } = await cleaner.run(stopping)
  if (isUnfinished) await returnRun(database.pool, 'clean-up')
  return { deleted, failed }
}
