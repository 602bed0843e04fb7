import { auditDatabase } from '@boxoffice/load-rig/audit.ts'
import { startWorker } from '../contenders.ts'
import { type BenchContext, processOptions } from '../context.ts'
import type { Usage } from '../drive-load.ts'
import { followDrain, ratesByTenth } from '../lane-progress.ts'
import type { Target } from '../load-plan.ts'
import { holdOldSnapshot } from '@boxoffice/load-rig/old-snapshot.ts'
import { cpuSeconds, peakResidentMb } from '@boxoffice/load-rig/process-usage.ts'
import { beginCosts, type Costs, readCosts } from './costs.ts'
import { fillForEvent, fillForShowtimes, findAnalyzed, turnAutovacuumOff } from './fill-backlog.ts'

export interface BacklogRun {
  readonly kind: Target['kind']
  readonly oldSnapshot: boolean
  readonly requests: number
  readonly decidedPerSecond: number
  /** Decided per second in each tenth of the backlog. */
  readonly tenths: readonly number[]
  readonly usage: readonly Usage[]
  readonly violations: readonly string[]
  readonly costs: Costs | null
}

/**
 * How fast one worker drains a lane that was bulk-loaded while nobody decided it, on tables that were never analyzed,
 * with and without an old snapshot held open by another session.
 */
export async function drainBacklogs(context: BenchContext): Promise<BacklogRun[]> {
  const runs: BacklogRun[] = []
  for (const kind of ['event', 'showtime'] as const) {
    for (const oldSnapshot of [false, true]) runs.push(await runOnce(context, kind, oldSnapshot))
  }
  return runs
}

async function runOnce(context: BenchContext, kind: Target['kind'], oldSnapshot: boolean): Promise<BacklogRun> {
  const { options, stack } = context
  const { backlog } = options
  const name = `backlog_${kind}_${oldSnapshot ? 'snapshot' : 'plain'}`
  const bench = await stack.prepare(`bench_${name}`)
  try {
    await turnAutovacuumOff(bench.database)
    context.say(`backlog, ${kind}: filling the line with ${backlog.requests} requests`)
    const preallocated = kind === 'showtime' ? await fillForShowtimes(bench.database, backlog) : 0
    if (kind === 'event') await fillForEvent(bench.database, backlog)
    // What was loaded is written out before, so that its write-back is no part of the drain.
    await bench.database.pool.query('checkpoint')
    const letGo = oldSnapshot ? await holdOldSnapshot(bench.database) : null

    const started = processOptions(context, bench, name)
    await beginCosts(started, bench)
    const worker = await startWorker(started)
    const watched = [...worker.watched, ...stack.watched]
    let usage: Usage[]
    let tenths: number[]
    try {
      const startedMs = performance.now()
      const before = watched.map((process) => cpuSeconds(process))
      const seen = await followDrain(bench.database, worker.failed)
      const seconds = (performance.now() - startedMs) / 1_000
      usage = watched.map((process, index) => {
        const [from, to] = [before[index] ?? null, cpuSeconds(process)]
        return {
          name: process.name,
          cores: from === null || to === null ? null : Math.round(((to - from) / seconds) * 100) / 100,
          peakRssMb: process.withChildren === true ? null : peakResidentMb(process.pid),
        }
      })
      tenths = ratesByTenth(seen, backlog.requests)
    } finally {
      await worker.stop()
      await letGo?.()
    }

    const costs = await readCosts(started, worker.watched, bench)
    const analyzed = await findAnalyzed(bench.database)
    const violations = await auditDatabase(bench.database, { requestIds: [], booked: backlog.requests, preallocated })
    const run: BacklogRun = {
      kind,
      oldSnapshot,
      requests: backlog.requests,
      decidedPerSecond: Math.round(10 / tenths.reduce((sum, rate) => sum + 1 / rate, 0)),
      tenths,
      usage,
      violations: [...violations, ...analyzed.map((table) => `the table ${table} was analyzed during the run`)],
      costs,
    }
    const held = oldSnapshot ? 'an old snapshot open' : 'no old snapshot'
    context.say(`backlog, ${kind}, ${held}: ${run.decidedPerSecond} decided/s`)
    return run
  } finally {
    await bench.drop()
  }
}
