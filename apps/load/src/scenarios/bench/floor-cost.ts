import type { ProcessCost } from '../../results/results.ts'
import type { BenchContext } from './bench-context.ts'

/** Returns a process's microseconds of processor time for each of `count` in the measured time. Throws where they are unknown. */
export function microsOf(
  { durationMs }: Pick<BenchContext, 'durationMs'>,
  processes: readonly ProcessCost[],
  name: string,
  count: number,
): number {
  const cores = processes.find((process) => process.name === name)?.cores ?? null
  if (cores === null) throw new Error(`the system does not tell the CPU time of ${name}`)
  return Math.round((cores * durationMs * 1_000) / count)
}
