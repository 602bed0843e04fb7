import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { givenEvent } from '@boxoffice/load-rig/catalogue.ts'
import { startContender } from '../contenders.ts'
import { type BenchContext, processOptions } from '../context.ts'
import { driveLoad, type Usage } from '../drive-load.ts'
import { followDrain } from '../lane-progress.ts'
import type { Latency } from '@boxoffice/load-rig/latency.ts'
import { holdOldSnapshot } from '@boxoffice/load-rig/old-snapshot.ts'
import { beginCosts, type Costs, readCosts } from './costs.ts'

const CAPACITY = 100_000_000

export interface IntakeRun {
  readonly round: number
  readonly oldSnapshot: boolean
  readonly acceptedPerSecond: number
  readonly accept: Latency
  /** Accepted in each second: an old snapshot does its harm little by little. */
  readonly perSecond: readonly number[]
  readonly usage: readonly Usage[]
  readonly errors: number
  readonly errorSamples: readonly string[]
  readonly violations: readonly string[]
  readonly costs: Costs | null
}

/**
 * How fast requests are accepted by clients that do not wait for their outcome, while the worker decides what it can,
 * with and without an old snapshot held open by another session.
 */
export async function measureIntake(context: BenchContext): Promise<IntakeRun[]> {
  const runs: IntakeRun[] = []
  for (let round = 1; round <= context.options.rounds; round++) {
    for (const oldSnapshot of [false, true]) runs.push(await runOnce(context, round, oldSnapshot))
  }
  return runs
}

async function runOnce(context: BenchContext, round: number, oldSnapshot: boolean): Promise<IntakeRun> {
  const { options, stack } = context
  const name = `intake_${oldSnapshot ? 'snapshot' : 'plain'}_${round}`
  const bench = await stack.prepare(`bench_${name}`)
  try {
    const event = await givenEvent(bench.database, CAPACITY)
    const started = processOptions(context, bench, name)
    await beginCosts(started, bench)
    const running = await startContender('c', started)
    let outcome: Awaited<ReturnType<typeof driveLoad>>
    try {
      const letGo = oldSnapshot ? await holdOldSnapshot(bench.database) : null
      outcome = await driveLoad(
        {
          url: running.url,
          clients: options.clients,
          tokens: context.tokens,
          warmUpMs: options.warmUpMs,
          measuredMs: options.measuredMs,
          until: 'accepted',
          probeEveryMs: null,
          target: { kind: 'event', ...event, quantity: options.perBooking },
        },
        [...running.watched, ...stack.watched],
        running.failed,
      )
      await letGo?.()
      await followDrain(bench.database, running.failed)
    } finally {
      await running.stop()
    }
    const { result, usage } = outcome
    const costs = await readCosts(started, running.watched, bench)
    const run: IntakeRun = {
      round,
      oldSnapshot,
      acceptedPerSecond: Math.round(result.answered / (result.measuredMs / 1_000)),
      accept: result.latency,
      perSecond: result.perSecond,
      usage,
      errors: result.errors,
      errorSamples: result.errorSamples,
      violations: await auditDatabase(bench.database, {
        requestIds: result.requestIds,
        booked: result.booked,
        preallocated: 0,
      }),
      costs,
    }
    const held = oldSnapshot ? 'an old snapshot open' : 'no old snapshot'
    context.say(`intake, round ${round}, ${held}: ${run.acceptedPerSecond} accepted/s, p99 ${run.accept.p99} ms`)
    return run
  } finally {
    await bench.drop()
  }
}
