import { build, type Histogram } from 'hdr-histogram-js'

/** Milliseconds. */
export interface Latency {
  readonly count: number
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Microseconds, up to ten minutes, three significant digits. */
export function openHistogram(): Histogram {
  return build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 3 })
}

/** A histogram names the upper end of the bucket in which a value lies: never above the largest that was recorded. */
export const valueAt = (times: Histogram, percentile: number): number =>
  Math.min(times.getValueAtPercentile(percentile), times.maxValue)

/** What a histogram of microseconds says, in milliseconds. */
export function latencyOf(times: Histogram): Latency {
  const ms = (micros: number) => Math.round(micros / 10) / 100
  const at = (percentile: number) => ms(valueAt(times, percentile))
  return {
    count: times.totalCount,
    mean: times.totalCount === 0 ? 0 : ms(times.mean),
    p50: at(50),
    p95: at(95),
    p99: at(99),
    max: times.totalCount === 0 ? 0 : ms(times.maxValue),
  }
}
