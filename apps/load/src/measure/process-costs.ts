import { cpuSeconds, peakResidentMb, type Watched } from './process-usage.ts'
import type { ProcessCost } from '../results/results.ts'

/** Begins to count what processes cost. The result is to be called while they are still there. */
export function beginCosts(watched: readonly Watched[]): () => readonly ProcessCost[] {
  const startMs = performance.now()
  const before = watched.map(cpuSeconds)
  return () => {
    const seconds = (performance.now() - startMs) / 1_000
    return watched.map((process, index) => ({
      name: process.name,
      cores: coresOf(before[index] ?? null, cpuSeconds(process), seconds),
      // Of many processes there is no one peak.
      peakRssMb: process.withChildren === true ? null : peakResidentMb(process.pid),
    }))
  }
}

function coresOf(before: number | null, after: number | null, seconds: number): number | null {
  if (before === null || after === null) return null
  return Math.round(((after - before) / seconds) * 100) / 100
}
