import { describe, expect, it } from 'vitest'
import { curveOf, latencyOf, openHistogram, percentileMs, recordMs } from '../../apps/load/src/measure/latency.ts'

// What reports say of a histogram.

/** Times whose buckets end above them: three digits cannot tell 149.123 ms from 149.247 ms. */
const givenTimes = (...times: readonly number[]) => {
  const histogram = openHistogram()
  for (const ms of times) recordMs(histogram, ms)
  return histogram
}

describe('percentiles', () => {
  it('are never above the largest time that was measured', () => {
    const { p50, p95, p99, max } = latencyOf(givenTimes(149.123))
    expect([p50, p95, p99, max]).toEqual([149.12, 149.12, 149.12, 149.12])
    for (const largest of [0.003, 2.049, 8.197, 149.123, 5_003.4, 599_999]) {
      const of = latencyOf(givenTimes(0.5, 1, largest))
      expect(of.p99).toBeLessThanOrEqual(of.max)
    }
  })

  it('nor is the curve, nor what a single second says', () => {
    const histogram = givenTimes(100, 149.123)
    expect(curveOf(histogram).at(-1)).toEqual([100, 149.12])
    expect(percentileMs(histogram, 99)).toBe(149.12)
  })

  it('of nothing are none', () => {
    expect(latencyOf(givenTimes())).toEqual({ count: 0, mean: 0, p50: 0, p95: 0, p99: 0, max: 0 })
    expect(percentileMs(givenTimes(), 99)).toBeNull()
  })
})
