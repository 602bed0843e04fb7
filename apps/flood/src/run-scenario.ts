import { setTimeout as pause } from 'node:timers/promises'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { auditRun } from './audit/audit-run.ts'
import type { GeneratorOutcome } from './generator/outcome.ts'
import { readDiskWritten } from './measure/disk-written.ts'
import { databaseTime, readFilling } from './measure/filling.ts'
import { awaitDrained, awaitHoldsOver, StuckError } from './measure/line.ts'
import { LineSampler } from './measure/line-sampler.ts'
import { beginCosts } from './measure/process-costs.ts'
import { readRates } from './measure/rates.ts'
import { ProgressMeter } from './measure/progress-meter.ts'
import type { Progress } from './progress.ts'
import { sumOf } from './report/figures.ts'
import type { DiskWritten, FloodResults, ProcessCost, Sample } from './report/results.ts'
import { type RunningGenerator, startGenerator } from './run-generator.ts'
import type { Scenario, Size, Staged, Theatre } from './scenarios/scenario.ts'
import type { OpenTarget, Target } from './target.ts'
import { signCustomers } from './target-tokens.ts'

/** Enough that nobody reaches a limit of one customer; fewer in small runs, where there is less to ask for. */
const CUSTOMERS = 5_000
const FEWEST_CUSTOMERS = 200

export interface RunOptions {
  readonly size: Size
  readonly seed: number
  /** Hears how the run stands, once a second. */
  onProgress(progress: Progress): void
  /** Hears what comes next. */
  say(text: string): void
  /** Rejects when the run is to be broken off. Never resolves. */
  readonly interrupted: Promise<never>
}

/**
 * One run of a scenario: sets the stage, sends the crowd, waits until everybody has left the line, and audits the
 * database. Throws where the run could not be made; what went wrong in it is in the results.
 */
export async function runScenario(scenario: Scenario, target: Target, options: RunOptions): Promise<FloodResults> {
  const opened = await target.open(scenario)
  const failed = Promise.race([opened.failed, options.interrupted])
  failed.catch(() => {})
  try {
    options.say(`${scenario.name}: setting the stage`)
    const staged = await Promise.race([stage(scenario, opened, options), opened.failed])
    const startedAt = new Date().toISOString()
    const seen = await sendCrowd(scenario, opened, staged, { ...options, failed })
    const { database } = opened
    if (staged.holdsExpire) {
      options.say(`${scenario.name}: waiting for holds to end`)
      await Promise.race([awaitHoldsOver(database, staged.resourceIds), failed])
    }
    options.say(`${scenario.name}: auditing`)
    const { sightings, references, ...outcome } = seen.outcome
    const audit = await Promise.race([
      auditRun({
        database,
        resourceIds: staged.resourceIds,
        sightings,
        references,
        // What has stood still for a minute is not worth another one.
        ...(seen.stuck !== null && { settleWithinMs: 0 }),
      }),
      failed,
    ])
    const demands = scenario.verdict?.(seen.outcome, options.size) ?? []
    const stuck = seen.stuck === null ? [] : [seen.stuck]
    return {
      format: 1,
      scenario: scenario.name,
      about: scenario.about,
      startedAt,
      size: options.size,
      seed: options.seed,
      machine: target.machine,
      target: target.description,
      outcome,
      samples: seen.samples,
      processes: seen.processes,
      ...(await readRates(database, staged.resourceIds)),
      disk: diskOf(staged, seen),
      filling: staged.drawn === null ? null : await readFilling(database, staged.drawn, seen.databaseStart),
      audit: { ...audit, violations: [...stuck, ...audit.violations, ...demands] },
    }
  } finally {
    await opened.close()
  }
}

async function stage(
  scenario: Scenario,
  { url, database, sign }: OpenTarget,
  { size, seed }: Pick<RunOptions, 'size' | 'seed'>,
): Promise<Staged> {
  const customers = Math.max(FEWEST_CUSTOMERS, Math.round(CUSTOMERS * size.scale))
  const { rows } = await database.pool.query<{ lanes: number }>('select count(*) as lanes from lanes')
  const theatre: Theatre = {
    database,
    url,
    lanes: rows[0]?.lanes ?? 0,
    size,
    customers: await signCustomers(sign, customers),
    signWorker: (role, organizerId) => sign(`flood-${role}`, role, organizerId),
    admin: await sign('flood-admin', 'admin', null),
  }
  const staged = await scenario.stage(theatre)
  return { ...staged, plan: { ...staged.plan, seed } }
}

interface Seen {
  readonly outcome: GeneratorOutcome
  readonly samples: readonly Sample[]
  readonly processes: readonly ProcessCost[]
  /** When the run began, by the database's clock. */
  readonly databaseStart: Date
  /** `null` where nothing was measured on disk. */
  readonly written: Pick<DiskWritten, 'walBytes' | 'tableBytes'> | null
  /** What is left of a line that stands still; `null` where it was emptied. */
  readonly stuck: string | null
}

/** From the first arrival until nobody is in line. */
async function sendCrowd(
  { name }: Scenario,
  { database, watched, failed: targetFailed }: OpenTarget,
  staged: Staged,
  { onProgress, say, failed }: RunOptions & { readonly failed: Promise<never> },
): Promise<Seen> {
  const meter = new ProgressMeter(name, staged.plan.durationMs)
  let sampler: LineSampler | null = null
  const generator = startGenerator(staged.plan, (tick, waiting) => {
    onProgress(meter.read(tick, waiting, sampler?.samples ?? []))
  })
  const broken = Promise.race([generator.failed, failed])
  broken.catch(() => {})
  const over = new AbortController()
  try {
    await Promise.race([generator.started, broken])
    const writing = staged.disk === undefined ? null : readDiskWritten(database, staged.disk, over.signal)
    writing?.catch(() => {})
    const costs = beginCosts([...watched, generator.watched])
    sampler = await LineSampler.begin(database)
    const databaseStart = await databaseTime(database)
    const outcome = await Promise.race([throughArrivals(generator, staged), broken, sampler.failed])
    say(`${name}: waiting for the line`)
    const stuck = await Promise.race([drain(database), broken, sampler.failed])
    const processes = costs()
    await sampler.stop()
    return { outcome, samples: sampler.samples, processes, databaseStart, written: await writing, stuck }
  } catch (error) {
    // What was stopped for the run must not stay so. Where the target itself is gone there is nothing to mend.
    await Promise.race([staged.afterArrivals?.(), targetFailed]).catch((also: unknown) => {
      say(`${name}: what the scenario does after its arrivals failed too: ${String(also)}`)
    })
    throw error
  } finally {
    over.abort()
    await Promise.all([generator.stop(), sampler?.stop()])
  }
}

/** Waits until nobody is in line. Returns what is left where it stands still: a finding, and no reason to have no report. */
async function drain(database: Database): Promise<string | null> {
  try {
    await awaitDrained(database)
    return null
  } catch (error) {
    if (error instanceof StuckError) return error.message
    throw error
  }
}

/**
 * What the generator saw. When the arrivals are over it may still wait for outcomes, which may wait for what the scenario
 * does then.
 */
async function throughArrivals(generator: RunningGenerator, staged: Staged): Promise<GeneratorOutcome> {
  if (staged.afterArrivals !== undefined) {
    await Promise.race([generator.outcome, pause(staged.plan.durationMs)])
    await staged.afterArrivals()
  }
  return generator.outcome
}

/** Returns what was written on disk, beside how many requests of the measured stream were refused meanwhile. */
function diskOf({ disk }: Staged, { outcome, written }: Seen): DiskWritten | null {
  const stream = outcome.streams.find(({ name }) => name === disk?.stream)
  if (stream === undefined || written === null) return null
  const turnedAway = sumOf(Object.fromEntries(Object.entries(stream.statuses).filter(([status]) => status >= '400')))
  return { stream: stream.name, refused: sumOf(stream.refused), turnedAway, ...written }
}
