import { fileURLToPath } from 'node:url'
import { startChild } from '@boxoffice/load-rig/child-process.ts'
import type { LoadMessage, LoadPlan, LoadResult } from './load-plan.ts'
import { cpuSeconds, peakResidentMb, type Watched } from '@boxoffice/load-rig/process-usage.ts'

const LOAD_PROCESS = fileURLToPath(new URL('./load-process.ts', import.meta.url))

/** What a process cost while the load was measured. */
export interface Usage {
  readonly name: string
  /** CPU seconds per second: 1 is one core. */
  readonly cores: number | null
  /** Largest resident set of its life, in MB. */
  readonly peakRssMb: number | null
}

export type Phase = 'measuring' | 'measured'

/**
 * Runs a load process and samples what the watched processes, and the load itself, use in the measured time. Gives up
 * with the error of `failed`: when that rejects, there is nothing to drive any more. `onPhase` is called when the measured
 * time begins and ends.
 */
export async function driveLoad(
  plan: LoadPlan,
  watched: readonly Watched[],
  failed: Promise<never>,
  onPhase: (phase: Phase) => void = () => {},
): Promise<{ readonly result: LoadResult; readonly usage: readonly Usage[] }> {
  const load = startChild({ name: 'the load process', args: [LOAD_PROCESS] })
  const all: Watched[] = [...watched, { name: 'load', pid: load.pid }]
  const before = new Map<string, number | null>()
  let usage: Usage[] = []
  const done = Promise.withResolvers<LoadResult>()
  load.process.on('message', (raw) => {
    const message = raw as LoadMessage
    switch (message.type) {
      case 'measuring':
        for (const process of all) before.set(process.name, cpuSeconds(process))
        onPhase('measuring')
        break
      case 'measured':
        usage = all.map((process) => ({
          name: process.name,
          cores: coresUsed(before.get(process.name) ?? null, cpuSeconds(process), plan.measuredMs),
          peakRssMb: null,
        }))
        onPhase('measured')
        break
      case 'done':
        done.resolve(message.result)
    }
  })
  try {
    load.process.send(plan)
    const result = await Promise.race([done.promise, load.failed, failed])
    const peaks = new Map(
      all.map(({ name, pid, withChildren }) => [name, withChildren === true ? null : peakResidentMb(pid)]),
    )
    return { result, usage: usage.map((one) => ({ ...one, peakRssMb: peaks.get(one.name) ?? null })) }
  } finally {
    await load.stop()
  }
}

function coresUsed(before: number | null, after: number | null, measuredMs: number): number | null {
  if (before === null || after === null) return null
  return Math.round(((after - before) / (measuredMs / 1_000)) * 100) / 100
}
