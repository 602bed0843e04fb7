import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { givenEvent, givenShowtimes } from '@boxoffice/load-rig/catalogue.ts'
import { type Contender, startContender } from '../contenders.ts'
import { type BenchContext, processOptions } from '../context.ts'
import { driveLoad, type Usage } from '../drive-load.ts'
import { followDrain } from '../lane-progress.ts'
import { seatCount } from '@boxoffice/load-rig/layout.ts'
import type { Latency } from '@boxoffice/load-rig/latency.ts'
import type { Target } from '../load-plan.ts'
import type { Options } from '../options.ts'
import type { BenchDatabase } from '@boxoffice/load-rig/stack.ts'
import { beginCosts, type Costs, readCosts } from './costs.ts'

/** Far more than any contender decides; what is handed out must not run out while it is measured. */
const MAX_BOOKINGS_PER_SECOND = 15_000
/** Fifty a second beside thousands: enough for percentiles, too few to matter. */
const PROBE_EVERY_MS = 20

export interface HotRun {
  readonly contender: Contender
  readonly round: number
  readonly decidedPerSecond: number
  /** From sending a request to its outcome, as the client sees it. */
  readonly decide: Latency
  /** From sending a request to its 202, under the same load; baselines have no such answer. */
  readonly accept: Latency | null
  readonly refused: number
  readonly usage: readonly Usage[]
  /** Requests that failed, with a few samples. */
  readonly errors: number
  readonly errorSamples: readonly string[]
  readonly violations: readonly string[]
  readonly costs: Costs | null
}

/** One hot showtime or event, each contender in turn and then again: a, b, c, a, b, c, … */
export async function compareOnHot(context: BenchContext, kind: Target['kind']): Promise<HotRun[]> {
  const { options } = context
  const runs: HotRun[] = []
  for (let round = 1; round <= options.rounds; round++) {
    for (const contender of options.contenders) runs.push(await runOnce(context, kind, contender, round))
  }
  return runs
}

async function runOnce(
  context: BenchContext,
  kind: Target['kind'],
  contender: Contender,
  round: number,
): Promise<HotRun> {
  const { options, stack } = context
  const name = `${kind}_${contender}_${round}`
  const bench = await stack.prepare(`bench_${name}`)
  try {
    const target = await givenTarget(options, bench, kind)
    const started = processOptions(context, bench, name)
    await beginCosts(started, bench)
    const running = await startContender(contender, started)
    let outcome: Awaited<ReturnType<typeof driveLoad>>
    try {
      outcome = await driveLoad(
        {
          url: running.url,
          clients: options.clients,
          tokens: context.tokens,
          warmUpMs: options.warmUpMs,
          measuredMs: options.measuredMs,
          until: 'outcome',
          probeEveryMs: contender === 'c' ? PROBE_EVERY_MS : null,
          target,
        },
        [...running.watched, ...stack.watched],
        running.failed,
      )
      if (contender === 'c') await followDrain(bench.database, running.failed)
    } finally {
      await running.stop()
    }
    const { result, usage } = outcome
    const costs = await readCosts(started, running.watched, bench)
    const run: HotRun = {
      contender,
      round,
      decidedPerSecond: Math.round(result.answered / (result.measuredMs / 1_000)),
      decide: result.latency,
      accept: result.acceptLatency,
      refused: result.refused,
      usage,
      errors: result.errors,
      errorSamples: result.errorSamples,
      violations: await auditDatabase(bench.database, {
        requestIds: contender === 'c' ? result.requestIds : null,
        booked: result.booked,
        preallocated: 0,
      }),
      costs,
    }
    context.say(`${kind}, round ${round}, (${contender}): ${run.decidedPerSecond} decided/s, p99 ${run.decide.p99} ms`)
    return run
  } finally {
    await bench.drop()
  }
}

async function givenTarget(options: Options, { database }: BenchDatabase, kind: Target['kind']): Promise<Target> {
  const { perBooking, hall } = options
  const seconds = (options.warmUpMs + options.measuredMs) / 1_000 + 1
  const needed = Math.ceil(seconds * MAX_BOOKINGS_PER_SECOND * perBooking)
  if (kind === 'event') return { kind, ...(await givenEvent(database, needed)), quantity: perBooking }
  const showtimeIds = await givenShowtimes(database, hall, Math.ceil(needed / seatCount(hall)))
  return { kind, showtimeIds, hall, seatsPerBooking: perBooking }
}
