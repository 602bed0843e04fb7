import { type openHistogram, valueAt } from '@boxoffice/load-rig/latency.ts'

/** Of microseconds. */
export type Histogram = ReturnType<typeof openHistogram>

/** Records a time in milliseconds, `times` times. Clocks that disagree by a hair give a little less than nothing: 0. */
export function recordMs(histogram: Histogram, ms: number, times = 1): void {
  histogram.recordValueWithCount(Math.max(0, Math.round(ms * 1_000)), times)
}

/** `null` where nothing was recorded. */
export const percentileMs = (histogram: Histogram, percentile: number): number | null =>
  histogram.totalCount === 0 ? null : Math.round(valueAt(histogram, percentile) / 10) / 100

const PERCENTILES = [
  0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 99, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999,
]

/** Pairs of percentile and milliseconds, as far as the percentiles can be told apart, and 100: the maximum. */
export function curveOf(histogram: Histogram): [percentile: number, ms: number][] {
  const { totalCount } = histogram
  if (totalCount === 0) return []
  const telling = PERCENTILES.filter((percentile) => percentile <= 100 * (1 - 1 / totalCount))
  return [...telling, 100].map((percentile) => [percentile, percentileMs(histogram, percentile) ?? 0])
}
