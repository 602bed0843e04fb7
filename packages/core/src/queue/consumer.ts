import type { Worker } from 'bullmq'
import { UnrecoverableError } from 'bullmq'
import { redactedValue } from '../runtime/log-redaction.ts'
import type { Logger } from '../runtime/logger.ts'
import { outageLog } from './outage-log.ts'
import {
  decideJobSchema,
  type DecideResult,
  maintenanceJobSchema,
  type MaintenanceResult,
  PAYLOAD_VERSION,
  type ReceivedDecideJob,
} from './payloads.ts'
import type { LaneConsumer } from './transport.ts'
import { within } from '../runtime/within.ts'

/**
 * Returns the processor of a lane's jobs. It leaves a job of a newer version undecided and logs an error: the sweep or
 * a newer worker decides its requests.
 */
export function decideProcessor(logger: Logger, handle: (job: ReceivedDecideJob) => Promise<DecideResult>) {
  return async (job: ReceivedJob): Promise<DecideResult> => {
    refuseNewer(logger, job)
    return await shownOnTheBoard(() => handle(decideJobSchema.parse(job.data)))
  }
}

/** Returns the processor of periodic work. */
export function maintenanceProcessor(logger: Logger, handle: (task: string) => Promise<MaintenanceResult>) {
  return async (job: ReceivedJob & { readonly name: string }): Promise<MaintenanceResult> => {
    refuseNewer(logger, job)
    maintenanceJobSchema.parse(job.data)
    return await shownOnTheBoard(() => handle(job.name))
  }
}

/** Runs a job. Why it failed is kept with the job and shown on the board, without what a log would leave out too. */
async function shownOnTheBoard<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const shown = new Error(String(redactedValue(error instanceof Error ? error.message : 'failed')), { cause: error })
    shown.stack = String(redactedValue(shown.stack))
    throw shown
  }
}

interface ReceivedJob {
  readonly data: unknown
  readonly id?: string | undefined
}

function refuseNewer(logger: Logger, { data, id }: ReceivedJob): void {
  if (typeof data === 'object' && data !== null && 'v' in data && Number(data.v) > PAYLOAD_VERSION) {
    logger.error({ jobId: id, version: data.v }, 'job of a newer version left alone')
    throw new UnrecoverableError(`This worker understands version ${PAYLOAD_VERSION}, the job has ${String(data.v)}.`)
  }
}

/** Follows a worker's life in the log and closes it in bounded time: BullMQ's own `close` has none. */
export function laneConsumer(worker: Worker, logger: Logger): LaneConsumer {
  worker.on('error', outageLog(logger, { queue: worker.name }, 'queue worker error'))
  worker.on('failed', (job, error) => logger.error({ err: error, queue: worker.name, jobId: job?.id }, 'job failed'))
  return {
    close: async (timeoutMs) => {
      try {
        await within(timeoutMs, 'closing a worker', worker.close())
      } catch (error) {
        // Closing by force would do nothing: BullMQ returns the close that is under way.
        logger.warn({ err: error, queue: worker.name }, 'worker abandoned')
      }
    },
  }
}
