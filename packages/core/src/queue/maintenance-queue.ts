import type { Queue } from 'bullmq'
import { PAYLOAD_VERSION } from './payloads.ts'
import type { PeriodicTask } from './transport.ts'
import { within } from '../runtime/within.ts'

export const MAINTENANCE_QUEUE = 'maintenance'

const SCHEDULE_TIMEOUT_MS = 5_000

/** Makes sure that every task has its job scheduler. */
export async function schedule(queue: Queue, tasks: readonly PeriodicTask[]): Promise<void> {
  for (const task of tasks) await within(SCHEDULE_TIMEOUT_MS, 'scheduling periodic work', scheduleOne(queue, task))
}

/** Schedules one task. BullMQ's PostgreSQL backend refuses a scheduler whose next job exists already. */
async function scheduleOne(queue: Queue, { name, everyMs }: PeriodicTask): Promise<void> {
  if ((await queue.getJobScheduler(name))?.every === everyMs) return
  await queue.upsertJobScheduler(name, { every: everyMs }, { name, data: { v: PAYLOAD_VERSION } })
}
