import { fileURLToPath } from 'node:url'
import { API, type ProcessOptions, type RunningProcesses, startProcesses, WORKER } from '@boxoffice/load-rig/product.ts'

export const CONTENDERS = ['a', 'b', 'c'] as const
export type Contender = (typeof CONTENDERS)[number]

export const CONTENDER_NAMES: Readonly<Record<Contender, string>> = {
  a: 'one row-lock transaction per HTTP request',
  b: 'one BullMQ job per booking, concurrency 1',
  c: 'lanes',
}

const ROW_LOCK_SERVER = fileURLToPath(new URL('./baselines/row-lock-server.ts', import.meta.url))
const JOB_SERVER = fileURLToPath(new URL('./baselines/job-per-booking-server.ts', import.meta.url))
const JOB_WORKER = fileURLToPath(new URL('./baselines/job-per-booking-worker.ts', import.meta.url))

/** Starts what is compared. Resolves when it is ready. */
export function startContender(contender: Contender, options: ProcessOptions): Promise<RunningProcesses> {
  switch (contender) {
    case 'a':
      return startProcesses([{ name: 'api', path: ROW_LOCK_SERVER }], options)
    case 'b':
      return startProcesses(
        [
          { name: 'worker', path: JOB_WORKER },
          { name: 'api', path: JOB_SERVER },
        ],
        options,
      )
    case 'c':
      return startProcesses(
        [
          { name: 'worker', path: WORKER },
          { name: 'api', path: API },
        ],
        options,
      )
  }
}

/** The product's worker alone, for draining what is in line already. */
export function startWorker(options: ProcessOptions): Promise<RunningProcesses> {
  return startProcesses([{ name: 'worker', path: WORKER }], options)
}
