import type { Queue } from 'bullmq'
import { PAYLOAD_VERSION } from './payloads.ts'
import type { PeriodicTask } from './transport.ts'
import { within } from './within.ts'

export const MAINTENANCE_QUEUE = 'maintenance'

const SCHEDULE_TIMEOUT_MS = 5_000

/** Makes sure that every task has its job scheduler. */
export async function schedule(queue: Queue, tasks: readonly PeriodicTask[]): Promise<void> {
  for (const { name, everyMs } of tasks) {
    await within(
      SCHEDULE_TIMEOUT_MS,
      'scheduling periodic work',
      queue.upsertJobScheduler(name, { every: everyMs }, { name, data: { v: PAYLOAD_VERSION } }),
    )
  }
}
