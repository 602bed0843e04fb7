import type { Database } from '@boxoffice/core/db/connect.ts'
import type { GeneratorOutcome, Phase } from '../../generator/outcome.ts'
import type { LoadPlan } from '../../generator/plan.ts'
import { LANE } from '../../catalogue/put-on-sale.ts'
import { startGenerator } from '../../generator/start-generator.ts'
import { followLine } from '../../measure/line.ts'
import { beginCosts } from '../../measure/process-costs.ts'
import { readTimeSpent, resetStatements } from '../../measure/time-spent.ts'
import type { ProcessCost, StreamOutcome, Table } from '../../results/results.ts'
import { type Contender, startContender } from '../../target/contenders.ts'
import type { RunningProcesses } from '../../target/processes.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import { type BenchContext, onFreshDatabase, type VerifiedRun } from './bench-context.ts'
import { type Disturbance, undisturbed } from './disturbances/disturbance.ts'

/** Longer than the longest wait for an outcome. */
const GRACE_MS = 35_000
/** Connections for what comes beside the clients, so that it never waits for one of theirs. */
const CONNECTIONS_BESIDE = 100

/** Load over HTTP. */
export interface Load {
  /** The run's, of letters and underscores. */
  readonly name: string
  /** Lanes, unless given. */
  readonly contender?: Contender
  /** Disturbance beside the load: nothing, unless given. */
  readonly disturbance?: Disturbance
  /** Puts on sale what is wanted, and says who wants it. */
  prepare(database: Database): Promise<Pick<LoadPlan, 'streams' | 'watchers'>>
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
    const { durationMs, warmUpMs, clients, seed, tokens, embedded } = context
    const measured = { fromMs: warmUpMs, untilMs: warmUpMs + durationMs }
    const plan = {
      customers: tokens,
      ...wanted,
      durationMs: measured.untilMs,
      measured,
      graceMs: GRACE_MS,
      clients: clients + CONNECTIONS_BESIDE,
      seed,
    }
    const names = new Set(plan.streams.map((stream) => stream.name))
    let endCosts: () => readonly ProcessCost[] = () => []
    let processes: readonly ProcessCost[] = []
    let measuredUntilMs = 0
    const drive = async (running: RunningProcesses) => {
      const beside = (await ongoing.ready?.(running)) ?? []
      const onPhase = (phase: Phase) => {
        if (phase === 'measuring') {
          endCosts = beginCosts([...running.watched, ...embedded.servers.watched, generator.watched])
          ongoing.measuring?.()
        } else {
          processes = endCosts()
          measuredUntilMs = performance.now()
          ongoing.measured?.()
        }
      }
      const generator = startGenerator(
        { ...plan, streams: [...plan.streams, ...beside], url: running.url },
        { onPhase },
      )
      try {
        const outcome = await Promise.race([generator.outcome, generator.failed, running.failed])
        if (contender === 'c') await followLine(database, running.failed, { lanes: [LANE] })
        const catchingUpMs = performance.now() - measuredUntilMs
        const ending = (await ongoing.end?.(running, outcome)) ?? { remark: '', problems: [] }
        return { outcome, catchingUpMs, ending }
      } finally {
        await generator.stop()
      }
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
    const { outcome, catchingUpMs, ending } = driven
    const timeSpent = options.profile === null ? [] : await readTimeSpent(name, options.profile, watched, database)
    const hasLine = contender === 'c'
    const { checks, violations } = await verifyRun({ database, hasLine, ...outcome, settleWithinMs: null })
    const { countsCatchingUp } = disturbance
    const caughtUp = countsCatchingUp ? `caught up ${Math.round(catchingUpMs)} ms after the measured time` : ''
    return {
      outcome,
      processes,
      seconds: (durationMs + (countsCatchingUp ? catchingUpMs : 0)) / 1_000,
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

/** Answers that clients of the benchmark expect: of them nobody is turned away. */
const EXPECTED = new Set(['200', '202', '304', '409'])

function failuresOf({ name, statuses, errors, errorSamples }: StreamOutcome, isClient: boolean): string[] {
  const others = Object.entries(statuses).filter(([status]) => isClient && !EXPECTED.has(status))
  return [
    ...others.map(([status, count]) => `${name}: ${count} requests were answered ${status}`),
    ...(errors === 0 ? [] : [`${name}: ${errors} requests failed, such as: ${errorSamples.join(' | ')}`]),
  ]
}

/** Returns the outcome of the stream with this name. Throws where the plan has none. */
export function streamOf({ outcome }: Pick<LoadRun, 'outcome'>, name: string): StreamOutcome {
  const stream = outcome.streams.find((one) => one.name === name)
  if (stream === undefined) throw new Error(`the run has no stream ${name}`)
  return stream
}
