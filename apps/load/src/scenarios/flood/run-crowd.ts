import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import type { GeneratorOutcome } from '../../generator/outcome.ts'
import type { LoadPlan } from '../../generator/plan.ts'
import { type RunningGenerator, startGenerator } from '../../generator/start-generator.ts'
import { readDiskWritten } from '../../measure/disk-written.ts'
import { awaitHoldsOver, followLine, StuckError } from '../../measure/line.ts'
import { LineSampler } from '../../measure/line-sampler.ts'
import { beginCosts } from '../../measure/process-costs.ts'
import { ProgressMeter } from '../../measure/progress-meter.ts'
import { readRates } from '../../measure/rates.ts'
import { databaseTime, readSeatMap } from '../../measure/seat-map.ts'
import { sumOf } from '../../report/figures.ts'
import type { DiskWritten, Measured, ProcessCost, Sample } from '../../results/results.ts'
import { LANES } from '../../target/processes.ts'
import type { OpenTarget } from '../../target/target.ts'
import { signCustomers } from '../../target/tokens.ts'
import { verifyRun } from '../../verify/verify-run.ts'
import type { RunContext, Scenario } from '../scenario.ts'
import type { CrowdScenario, Prepared, PrepareContext, Size } from './crowd-scenario.ts'
import { sizeOf } from './pace.ts'
import { planOf } from './plan-of.ts'

/** Enough that nobody reaches a limit of one customer; fewer in small runs, where there is less to ask for. */
const CUSTOMERS = 5_000
const FEWEST_CUSTOMERS = 200
/** Workers may take this long to finish what is left over. */
const SETTLE_WITHIN_MS = 60_000

/** Returns the scenario as the command runs it. */
export function crowdScenario(crowd: CrowdScenario): Scenario {
  const { name, about, defaults } = crowd
  const { rate, durationMs, clients } = defaults
  return {
    name,
    about,
    usual: `${rate}/s for ${durationMs / 1_000} s, ${clients} clients`,
    measure: (context) => measureCrowd(crowd, context),
  }
}

/**
 * Makes one run: prepares the database, sends the crowd, waits until everybody has left the line, and verifies the
 * database. Throws if the run could not be made; what went wrong in it is in the results.
 */
async function measureCrowd(crowd: CrowdScenario, context: RunContext): Promise<Measured> {
  const { target, asked, say } = context
  const size = sizeOf(crowd.defaults, asked)
  const opened = await target.open(crowd)
  const failed = Promise.race([opened.failed, context.interrupted])
  failed.catch(() => {})
  try {
    say(`${crowd.name}: putting things on sale`)
    const prepared = await Promise.race([prepare(crowd, opened, size, asked.seed), opened.failed])
    const seen = await sendCrowd(crowd, opened, prepared, { ...context, failed })
    const { database } = opened
    const { resourceIds } = prepared
    if (prepared.holdsExpire === true) {
      say(`${crowd.name}: waiting for holds to end`)
      await Promise.race([awaitHoldsOver(database, resourceIds), failed])
    }
    say(`${crowd.name}: verifying`)
    const { requests, references, ...outcome } = seen.outcome
    // What has stood still for a minute is not worth another one.
    const settleWithinMs = seen.stuck === null ? SETTLE_WITHIN_MS : 0
    const verified = await Promise.race([
      verifyRun({ database, resourceIds, requests, references, settleWithinMs }),
      failed,
    ])
    const demands = crowd.verdict?.(outcome, size) ?? []
    const stuck = seen.stuck === null ? [] : [seen.stuck]
    return {
      size: { ...size, warmUpMs: 0, rounds: 1 },
      outcome,
      samples: seen.samples,
      processes: seen.processes,
      ...(await readRates(database, resourceIds)),
      disk: diskOf(prepared, seen),
      seatMap: prepared.drawn === undefined ? null : await readSeatMap(database, prepared.drawn, seen.databaseStart),
      tables: [],
      aims: [],
      verification: { ...verified, violations: [...stuck, ...verified.violations, ...demands] },
    }
  } finally {
    await opened.close()
  }
}

async function prepare(
  crowd: CrowdScenario,
  { url, database, sign }: OpenTarget,
  size: Size,
  seed: number,
): Promise<PreparedRun> {
  const customers = Math.max(FEWEST_CUSTOMERS, Math.round(CUSTOMERS * size.scale))
  const context = {
    database,
    url,
    lanes: LANES,
    size,
    customers: await signCustomers(sign, customers),
    signWorker: (role: 'staff' | 'organizer', organizerId: string) => sign(`load-${role}`, role, organizerId),
    admin: await sign('load-admin', 'admin', null),
  } satisfies PrepareContext
  const prepared = await crowd.prepare(context)
  return { ...prepared, plan: planOf(context, prepared, seed) }
}

type PreparedRun = Prepared & { readonly plan: LoadPlan }

interface Seen {
  readonly outcome: GeneratorOutcome
  readonly samples: readonly Sample[]
  readonly processes: readonly ProcessCost[]
  /** The start of the run by the database's clock. */
  readonly databaseStart: Date
  /** `null` where nothing was measured on disk. */
  readonly written: Pick<DiskWritten, 'walBytes' | 'tableBytes'> | null
  /** Describes the rest of a line that stands still; `null` where it was emptied. */
  readonly stuck: string | null
}

/** Sends the crowd: from the first arrival until nobody is in line. */
async function sendCrowd(
  { name }: CrowdScenario,
  { database, watched, failed: targetFailed }: OpenTarget,
  prepared: PreparedRun,
  { onProgress, say, failed }: RunContext & { readonly failed: Promise<never> },
): Promise<Seen> {
  const meter = new ProgressMeter(name, prepared.plan.durationMs)
  let sampler: LineSampler | null = null
  const generator = startGenerator(prepared.plan, {
    onTick: (tick, waiting) => onProgress(meter.read(tick, waiting, sampler?.samples ?? [])),
  })
  const broken = Promise.race([generator.failed, failed])
  broken.catch(() => {})
  const over = new AbortController()
  try {
    await Promise.race([generator.started, broken])
    const writing = prepared.disk === undefined ? null : readDiskWritten(database, prepared.disk, over.signal)
    writing?.catch(() => {})
    const costs = beginCosts([...watched, generator.watched])
    sampler = await LineSampler.begin(database)
    const databaseStart = await databaseTime(database)
    const outcome = await Promise.race([throughArrivals(generator, prepared), broken, sampler.failed])
    say(`${name}: waiting for the line`)
    const stuck = await Promise.race([drain(database, broken), sampler.failed])
    const processes = costs()
    await sampler.stop()
    return { outcome, samples: sampler.samples, processes, databaseStart, written: await writing, stuck }
  } catch (error) {
    // What was stopped for the run must not stay so. Where the target itself is gone there is nothing to mend.
    await Promise.race([prepared.afterArrivals?.(), targetFailed]).catch((also: unknown) => {
      say(`${name}: what the scenario does after its arrivals failed too: ${String(also)}`)
    })
    throw error
  } finally {
    over.abort()
    await Promise.all([generator.stop(), sampler?.stop()])
  }
}

/** Waits until nobody is in line. Returns what is left where it stands still: a finding, and no reason to have no report. */
async function drain(database: Database, failed: Promise<never>): Promise<string | null> {
  try {
    await followLine(database, failed)
    return null
  } catch (error) {
    if (error instanceof StuckError) return error.message
    throw error
  }
}

/**
 * Returns the generator's outcome. When the arrivals are over it may still wait for outcomes, which may wait for what the scenario
 * does then.
 */
async function throughArrivals(generator: RunningGenerator, prepared: PreparedRun): Promise<GeneratorOutcome> {
  if (prepared.afterArrivals !== undefined) {
    await Promise.race([generator.outcome, pause(prepared.plan.durationMs)])
    await prepared.afterArrivals()
  }
  return generator.outcome
}

/** Returns what was written on disk, beside how many requests of the measured stream were refused meanwhile. */
function diskOf({ disk }: Prepared, { outcome, written }: Seen): DiskWritten | null {
  const stream = outcome.streams.find(({ name }) => name === disk?.stream)
  if (stream === undefined || written === null) return null
  const turnedAway = sumOf(Object.fromEntries(Object.entries(stream.statuses).filter(([status]) => status >= '400')))
  return { stream: stream.name, refused: sumOf(stream.refused), turnedAway, ...written }
}
