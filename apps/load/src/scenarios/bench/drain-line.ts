import { followLine, type LineSample } from '../../measure/line.ts'
import { beginCosts } from '../../measure/process-costs.ts'
import { readTimeSpent, resetStatements } from '../../measure/time-spent.ts'
import type { ProcessCost, Table } from '../../results/results.ts'
import { startProcesses, WORKER } from '../../target/processes.ts'
import type { BenchContext, RunDatabase } from './bench-context.ts'

export interface Drained {
  /** Watched were the workers, in their order, and PostgreSQL. */
  readonly seen: readonly LineSample[]
  readonly processes: readonly ProcessCost[]
  readonly timeSpent: readonly Table[]
}

export interface DrainOptions {
  /** The number of worker processes: one unless given. */
  readonly workers?: number
  /** Called when all workers are ready. */
  onReady?(): Promise<unknown>
  /** Rejects where something else that is needed has ended. */
  readonly failed?: Promise<never>
}

/** Lets workers decide all that waits, and stops them. */
export async function drainLine(
  { embedded: { servers } }: BenchContext,
  { database, options }: RunDatabase,
  run: string,
  { workers = 1, onReady, failed = Promise.withResolvers<never>().promise }: DrainOptions = {},
): Promise<Drained> {
  // What was loaded is written out before, so that its write-back is no part of the drain.
  await database.pool.query('checkpoint')
  if (options.profile !== null) await resetStatements(database)
  const name = (index: number) => (workers === 1 ? 'worker' : `worker ${index + 1}`)
  const running = await startProcesses(
    Array.from({ length: workers }, (_, index) => ({ name: name(index), path: WORKER })),
    options,
  )
  let seen: LineSample[]
  let processes: readonly ProcessCost[]
  try {
    const endCosts = beginCosts([...running.watched, ...servers.watched])
    const postgres = servers.watched.filter((one) => one.name === 'postgres')
    await onReady?.()
    seen = await followLine(database, Promise.race([running.failed, failed]), {
      watched: [...running.watched, ...postgres],
    })
    processes = endCosts()
  } finally {
    await running.stop()
  }
  const { profile } = options
  const timeSpent = profile === null ? [] : await readTimeSpent(run, profile, running.watched, database)
  return { seen, processes, timeSpent }
}
