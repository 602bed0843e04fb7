import { describe, expect, it } from 'vitest'
import { arrivalTimes } from '../../apps/load/src/generator/arrival-times.ts'
import type { Arrivals, Stream } from '../../apps/load/src/generator/plan.ts'
import { derivedSeed, numberBelow, pick, seededRandom } from '../../apps/load/src/generator/random.ts'
import { scheduleOf } from '../../apps/load/src/generator/schedule.ts'

const MINUTE_MS = 60_000

const times = (arrivals: Arrivals, durationMs: number, seed = 1) => [
  ...arrivalTimes(arrivals, durationMs, seededRandom(seed)),
]

const gapsOf = (atMs: readonly number[]) => atMs.slice(1).map((one, index) => one - (atMs[index] ?? 0))

const stream = (name: string, arrivals: Arrivals): Stream => ({
  name,
  arrivals,
  journey: { kind: 'read-availability', tickets: [], seats: [] },
  headline: true,
})

describe('the seeded generator', () => {
  it('gives the published numbers of mulberry32', () => {
    const random = seededRandom(1)
    expect(Array.from({ length: 3 }, () => Math.floor(random() * 2 ** 32))).toEqual([
      2_693_262_067, 11_749_833, 2_265_367_787,
    ])
  })

  it('spreads numbers evenly, and independently for neighbouring derived seeds', () => {
    const [one, other] = [seededRandom(derivedSeed(7, 0)), seededRandom(derivedSeed(7, 1))]
    const pairs = Array.from({ length: 20_000 }, () => [one(), other()] as const)
    const mean = (of: (pair: readonly [number, number]) => number) =>
      pairs.reduce((sum, pair) => sum + of(pair), 0) / pairs.length
    expect(mean(([a]) => a)).toBeCloseTo(0.5, 1)
    expect(mean(([, b]) => b)).toBeCloseTo(0.5, 1)
    // The covariance of independent numbers is 0, that of the same number is 1/12.
    expect(Math.abs(mean(([a, b]) => (a - 0.5) * (b - 0.5)))).toBeLessThan(0.005)
  })

  it('picks each of a list, and says so where there is nothing to pick from', () => {
    const random = seededRandom(3)
    expect(new Set(Array.from({ length: 100 }, () => pick(random, ['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']))
    expect(new Set(Array.from({ length: 100 }, () => numberBelow(random, 3)))).toEqual(new Set([0, 1, 2]))
    expect(() => pick(random, [])).toThrow(RangeError)
  })
})

describe('arrivals', () => {
  it('may begin later, at the same rate and until the same end', () => {
    expect(times({ shape: 'steady', perSecond: 10, fromMs: 700 }, 1_000)).toEqual([700, 800, 900])
  })

  it('of independent people have the rate that was asked for, and exponential gaps', () => {
    const atMs = times({ shape: 'poisson', perSecond: 200 }, MINUTE_MS)
    // Twelve thousand expected: four standard deviations are 438.
    expect(Math.abs(atMs.length - 12_000)).toBeLessThan(438)
    const gaps = gapsOf(atMs)
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length
    expect(mean).toBeCloseTo(5, 0)
    expect(Math.sqrt(variance) / mean).toBeCloseTo(1, 1)
    expect(gaps.every((gap) => gap >= 0)).toBe(true)
    expect(atMs.at(-1)).toBeLessThan(MINUTE_MS)
  })

  it('that are steady are evenly spaced', () => {
    expect(times({ shape: 'steady', perSecond: 4 }, 1_000)).toEqual([0, 250, 500, 750])
    expect(times({ shape: 'steady', perSecond: 3 }, 100)).toEqual([0])
  })

  it('come within their part of the run', () => {
    const window = { fromMs: 400, untilMs: 700 }
    expect(times({ shape: 'steady', perSecond: 10, ...window }, 1_000)).toEqual([400, 500, 600])
    expect(times({ shape: 'steady', perSecond: 10, fromMs: 800, untilMs: 5_000 }, 1_000)).toEqual([800, 900])
    const atMs = times({ shape: 'poisson', perSecond: 2_000, ...window }, 1_000)
    // Six hundred expected: four standard deviations are 98.
    expect(Math.abs(atMs.length - 600)).toBeLessThan(98)
    expect(atMs.every((one) => one >= 400 && one < 700)).toBe(true)
  })

  it('of a rush are as many as were asked for, all within its time', () => {
    const atMs = times({ shape: 'rush', count: 5_000, withinMs: 800 }, MINUTE_MS)
    expect(atMs).toHaveLength(5_000)
    expect(atMs).toEqual(atMs.toSorted((a, b) => a - b))
    expect(atMs.at(-1)).toBeLessThan(800)
    expect(atMs.filter((one) => one < 400).length).toBeGreaterThan(2_300)
  })

  it('of a rush do not go on for longer than the run', () => {
    expect(times({ shape: 'rush', count: 10, withinMs: MINUTE_MS }, 500).every((one) => one < 500)).toBe(true)
  })

  it('are the same for the same seed, and others for another one', () => {
    const arrivals: Arrivals = { shape: 'poisson', perSecond: 100 }
    expect(times(arrivals, 5_000, 42)).toEqual(times(arrivals, 5_000, 42))
    expect(times(arrivals, 5_000, 42)).not.toEqual(times(arrivals, 5_000, 43))
  })

  it('of nobody are none', () => {
    expect(times({ shape: 'poisson', perSecond: 0 }, 1_000)).toEqual([])
    expect(times({ shape: 'steady', perSecond: 0 }, 1_000)).toEqual([])
    expect(times({ shape: 'rush', count: 0, withinMs: 10 }, 1_000)).toEqual([])
  })
})

describe('a schedule', () => {
  const buyers = stream('buyers', { shape: 'poisson', perSecond: 300 })
  const readers = stream('readers', { shape: 'steady', perSecond: 500 })

  it('has the arrivals of all streams in the order of their times', () => {
    const { atMs, stream: of, intended } = scheduleOf([buyers, readers], 2_000, 9)
    expect([...atMs]).toEqual([...atMs].toSorted((a, b) => a - b))
    expect(intended[1]).toBe(1_000)
    expect([...of].filter((index) => index === 1)).toHaveLength(1_000)
    expect(atMs).toHaveLength((intended[0] ?? 0) + 1_000)
  })

  it('leaves the arrivals of a stream as they were when another one changes', () => {
    const timesOfFirst = ({ atMs, stream: of }: ReturnType<typeof scheduleOf>) =>
      [...atMs].filter((_, index) => of[index] === 0)
    const changed = scheduleOf([buyers, stream('readers', { shape: 'poisson', perSecond: 5 })], 2_000, 9)
    expect(timesOfFirst(changed)).toEqual(timesOfFirst(scheduleOf([buyers, readers], 2_000, 9)))
  })
})
