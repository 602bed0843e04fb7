import { MAX_LANES } from '@boxoffice/core/domain/lane.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { isMaintenanceTask, MAINTENANCE_TASKS, maintenanceTasks } from '@boxoffice/core/maintenance/tasks.ts'
import type { PeriodicWork } from '../loops/periodic-work.ts'
import { LaneWorkers } from '../queue/lane-workers.ts'
import type { Deciding } from './deciding.ts'
import type { Maintain } from './maintenance.ts'

const LOOK_FOR_LANES_EVERY_MS = 10_000
const SCHEDULE_EVERY_MS = 60_000

/** Jobs under way get this long when the worker stops. */
const JOBS_GRACE_MS = 3_000

interface QueueOptions {
  /** The setting `LANES`. */
  readonly lanes: number
  readonly deciding: Deciding
  readonly maintain: Maintain
  readonly periodic: PeriodicWork
}

/** Takes the jobs of an open queue: those of lanes, and periodic maintenance, which it schedules too. */
export function takeJobs(
  parts: AsyncDisposableStack,
  transport: Transport,
  { lanes, deciding, maintain, periodic }: QueueOptions,
): void {
  const { database, deciders, sweeper } = deciding
  const workers = new LaneWorkers(transport, { database, deciders, onJob: () => sweeper.onJob() })
  workers.consume(range(0, lanes))
  const maintainer = transport.maintain(maintenanceTasks.length, async (name) => {
    if (!isMaintenanceTask(name)) throw new Error(`this worker knows no periodic work ${name}`)
    return maintain(name, 'job')
  })
  parts.defer(async () => {
    await Promise.all([workers.close(JOBS_GRACE_MS), maintainer.close(JOBS_GRACE_MS)])
  })
  // Again and again: a Redis that was flushed has forgotten them.
  periodic.start('schedule periodic work', SCHEDULE_EVERY_MS, () =>
    transport.schedule(maintenanceTasks.map((name) => ({ name, ...MAINTENANCE_TASKS[name] }))),
  )
  // Those of processes with another number of lanes. Until they are found, the sweep decides what they notify of.
  periodic.start('look for lanes of others', LOOK_FOR_LANES_EVERY_MS, async () => {
    for (const lane of range(lanes, MAX_LANES)) {
      if (!workers.has(lane) && (await transport.waiting(lane)) > 0) workers.consume([lane])
    }
  })
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index)
