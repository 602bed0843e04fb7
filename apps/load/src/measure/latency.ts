import { build, type Histogram } from 'hdr-histogram-js'
import type { Latency } from '../results/results.ts'

export type { Histogram }

/** Microseconds, up to ten minutes, three significant digits. */
export function openHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 3 })
}

/** Records a time in milliseconds, `times` times. Clocks that disagree by a hair give a little less than nothing: 0. */
export function recordMs(histogram: Histogram, ms: number, times = 1): void {
  histogram.recordValueWithCount(Math.max(0, Math.round(ms * 1_000)), times)
}

const toMs = (micros: number): number => Math.round(micros / 10) / 100

/**
 * Reads a percentile. A histogram names the upper end of the bucket in which a value lies: never above the largest that
 * was recorded.
 */
const msAt = (histogram: Histogram, percentile: number): number =>
  toMs(Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue))

/** Returns `null` where nothing was recorded. */
export const percentileMs = (histogram: Histogram, percentile: number): number | null =>
  histogram.totalCount === 0 ? null : msAt(histogram, percentile)

/** Summarises a histogram of microseconds in milliseconds. */
export function latencyOf(histogram: Histogram): Latency {
  const { totalCount, mean, maxValue } = histogram
  return {
    count: totalCount,
    mean: totalCount === 0 ? 0 : toMs(mean),
    p50: msAt(histogram, 50),
    p95: msAt(histogram, 95),
    p99: msAt(histogram, 99),
    max: totalCount === 0 ? 0 : toMs(maxValue),
  }
}

const PERCENTILES = [
  0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 99, 99.5, 99.9, 99.95, 99.99, 99.995, 99.999,
]

/** Returns pairs of percentile and milliseconds, as far as the percentiles can be told apart, and 100: the maximum. */
export function curveOf(histogram: Histogram): [percentile: number, ms: number][] {
  const { totalCount } = histogram
  if (totalCount === 0) return []
  const telling = PERCENTILES.filter((percentile) => percentile <= 100 * (1 - 1 / totalCount))
  return [...telling, 100].map((percentile) => [percentile, msAt(histogram, percentile)])
}
