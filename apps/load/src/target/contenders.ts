import { fileURLToPath } from 'node:url'
import { type FloorAnswer, FLOOR_ANSWER } from '../baselines/floor-answer.ts'
import { API, type ProcessOptions, type RunningProcesses, type Script, startProcesses, WORKER } from './processes.ts'

export const CONTENDERS = ['a', 'b', 'c'] as const
export type Contender = (typeof CONTENDERS)[number]

export const CONTENDER_NAMES: Readonly<Record<Contender, string>> = {
  a: 'one row-lock transaction per HTTP request',
  b: 'one BullMQ job per booking, concurrency 1',
  c: 'lines',
}

const ROW_LOCK_SERVER = fileURLToPath(new URL('../baselines/row-lock-server.ts', import.meta.url))
const JOB_SERVER = fileURLToPath(new URL('../baselines/job-per-booking-server.ts', import.meta.url))
const JOB_WORKER = fileURLToPath(new URL('../baselines/job-per-booking-worker.ts', import.meta.url))
const HTTP_FLOOR_SERVER = fileURLToPath(new URL('../baselines/http-floor-server.ts', import.meta.url))

const SCRIPTS: Readonly<Record<Contender, readonly Script[]>> = {
  a: [{ name: 'api', path: ROW_LOCK_SERVER }],
  b: [
    { name: 'worker', path: JOB_WORKER },
    { name: 'api', path: JOB_SERVER },
  ],
  c: [
    { name: 'worker', path: WORKER },
    { name: 'api', path: API },
  ],
}

/** Starts what is compared. Resolves when it is ready. */
export const startContender = (contender: Contender, options: ProcessOptions): Promise<RunningProcesses> =>
  startProcesses(SCRIPTS[contender], options)

/** Starts a server that does nothing but give this answer to every booking request. Resolves when it is ready. */
export const startHttpFloor = (answer: FloorAnswer, options: ProcessOptions): Promise<RunningProcesses> =>
  startProcesses([{ name: 'api', path: HTTP_FLOOR_SERVER }], {
    ...options,
    settings: { ...options.settings, [FLOOR_ANSWER]: JSON.stringify(answer) },
  })
