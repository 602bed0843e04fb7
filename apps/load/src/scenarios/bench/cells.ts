import type { Aim, Latency, ProcessCost } from '../../results/results.ts'

/** Cells of the tables of the benchmark. */

const orDash = (value: number | null | undefined): string => (value == null ? '-' : String(value))

export const percentileCells = (latency: Latency | null): string[] => [
  orDash(latency?.p50),
  orDash(latency?.p95),
  orDash(latency?.p99),
]

export const PROCESS_HEADER = ['cores: api', 'worker', 'postgres', 'redis', 'generator', 'RSS MB: api', 'worker']

export function processCells(processes: readonly ProcessCost[]): string[] {
  const find = (name: string) => processes.find((process) => process.name === name)
  return [
    ...['api', 'worker', 'postgres', 'redis', 'generator'].map((name) => orDash(find(name)?.cores)),
    ...['api', 'worker'].map((name) => orDash(find(name)?.peakRssMb)),
  ]
}

const MOST_RSS_MB = 250

/** Returns an aim for the largest memory of API and worker in any of the runs. */
export function memoryAims(runs: readonly { readonly processes: readonly ProcessCost[] }[]): Aim[] {
  return ['api', 'worker'].flatMap((name) => {
    const peaks = runs.flatMap(({ processes }) => processes.find((one) => one.name === name)?.peakRssMb ?? [])
    if (peaks.length === 0) return []
    return [{ what: `largest RSS of the ${name}, MB`, value: Math.max(...peaks), relation: 'under', aim: MOST_RSS_MB }]
  })
}

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits))

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** Returns the mean; NaN of nothing. */
export const mean = (values: readonly number[]): number => sum(values) / values.length
