import type { Database } from '@boxoffice/core/db/connect.ts'
import type { GeneratorOutcome } from '../../generator/outcome.ts'
import type { Journey, LoadPlan } from '../../generator/plan.ts'
import { followLine } from '../../measure/line.ts'
import { readTimeSpent, resetStatements } from '../../measure/time-spent.ts'
import type { ProcessCost, StreamOutcome, Table } from '../../results/results.ts'
import { type Contender, startContender } from '../../target/contenders.ts'
import type { RunningProcesses } from '../../target/processes.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { type Disturbance, undisturbed } from './disturbances/disturbance.ts'
import { failuresOf, sendLoad } from './send-load.ts'

/** Load over HTTP. */
export interface Load {
  /** The run's, of letters and underscores. */
  readonly name: string
  /** Ours, unless given. */
  readonly contender?: Contender
  /** Disturbance beside the load: nothing, unless given. */
  readonly disturbance?: Disturbance
  /** Puts on sale what is wanted, and says who wants it. */
  prepare(database: Database): Promise<Pick<LoadPlan, 'streams' | 'watchers'>>
  /** Looks at what the load has left: the line is empty, and the processes still run. */
  look?(running: RunningProcesses, database: Database): Promise<void>
}

export interface LoadRun {
  readonly outcome: GeneratorOutcome
  /** The costs of processes in the measured time. */
  readonly processes: readonly ProcessCost[]
  /** The measured time, and what it took to decide the rest where the disturbance says that it counts. */
  readonly seconds: number
  /** For a row of a table. */
  readonly remark: string
  readonly timeSpent: readonly Table[]
  readonly verified: VerifiedRun
}

/** Starts a contender, sends load at it, waits until the line is empty, stops it and verifies the database. */
export function runLoad(context: BenchContext, load: Load): Promise<LoadRun> {
  const { name, contender = 'c', disturbance = undisturbed('nothing'), prepare } = load
  return onFreshDatabase(context, name, async ({ database, options }) => {
    const wanted = await prepare(database)
    const ongoing = await disturbance.begin({ context, database })
    const names = new Set(wanted.streams.map((stream) => stream.name))
    const resourceIds = [...new Set(wanted.streams.flatMap(({ journey }) => soldBy(journey)))]
    const drive = async (running: RunningProcesses) => {
      const beside = (await ongoing.ready?.(running)) ?? []
      const streams = [...wanted.streams, ...beside]
      const { outcome, processes, measuredUntilMs } = await sendLoad(context, running, { ...wanted, streams }, ongoing)
      if (contender === 'c') await followLine(database, running.failed, { resourceIds })
      const catchingUpMs = performance.now() - measuredUntilMs
      const ending = (await ongoing.end?.(running, outcome)) ?? { remark: '', problems: [] }
      await load.look?.(running, database)
      return { outcome, processes, catchingUpMs, ending }
    }

    let driven: Awaited<ReturnType<typeof drive>>
    let watched: RunningProcesses['watched']
    try {
      if (options.profile !== null) await resetStatements(database)
      const running = await startContender(contender, options)
      watched = running.watched
      try {
        driven = await drive(running)
      } finally {
        await running.stop()
      }
    } finally {
      await ongoing.release?.()
    }
    const { outcome, processes, catchingUpMs, ending } = driven
    const timeSpent = options.profile === null ? [] : await readTimeSpent(name, options.profile, watched, database)
    const hasLine = contender === 'c'
    const { checks, violations } = await verifyRun({ database, hasLine, ...outcome, settleWithinMs: null })
    const { countsCatchingUp } = disturbance
    const caughtUp = countsCatchingUp ? `caught up ${Math.round(catchingUpMs)} ms after the measured time` : ''
    return {
      outcome,
      processes,
      seconds: (context.durationMs + (countsCatchingUp ? catchingUpMs : 0)) / 1_000,
      remark: [ending.remark, caughtUp].filter((part) => part !== '').join('; '),
      timeSpent,
      verified: {
        run: name,
        checks,
        violations: [
          ...outcome.streams.flatMap((stream) => failuresOf(stream, names.has(stream.name))),
          ...ending.problems,
          ...violations,
        ],
      },
    }
  })
}

/** Returns what a journey may put requests into the line of. */
function soldBy(journey: Journey): string[] {
  switch (journey.kind) {
    case 'book-tickets':
    case 'lifecycle':
      return journey.sales.map(({ eventId }) => eventId)
    case 'book-seats':
      return journey.sales.map(({ showtimeId }) => showtimeId)
    default:
      return []
  }
}

/** Returns the outcome of the stream with this name. Throws where the plan has none. */
export function streamOf({ outcome }: Pick<LoadRun, 'outcome'>, name: string): StreamOutcome {
  const stream = outcome.streams.find((one) => one.name === name)
  if (stream === undefined) throw new Error(`the run has no stream ${name}`)
  return stream
}
