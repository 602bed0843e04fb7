import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { axisTicks, linearScale, nines } from '../../apps/load/src/report/scale.ts'

describe('ticks of an axis', () => {
  it.each([
    [10, 5, [0, 2, 4, 6, 8, 10]],
    [7, 5, [0, 2, 4, 6, 8]],
    [0.3, 3, [0, 0.1, 0.2, 0.3]],
    [1_234, 5, [0, 500, 1_000, 1_500]],
    [100, 1, [0, 100]],
    [0.000_4, 4, [0, 0.000_1, 0.000_2, 0.000_3, 0.000_4]],
  ])('up to %d in at most %d steps are %j', (max, most, ticks) => {
    expect(axisTicks(max, most)).toEqual(ticks)
  })

  it('are whole where a fraction makes no sense', () => {
    expect(axisTicks(2, 10)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6, 1.8, 2])
    expect(axisTicks(2, 10, true)).toEqual([0, 1, 2])
    expect(axisTicks(0.4, 5, true)).toEqual([0, 1])
  })

  it.each([0, -3, 5e-324, Number.NaN, Infinity])('are 0 and 1 where the highest value is %d', (max) => {
    expect(axisTicks(max, 5)).toEqual([0, 1])
  })

  it('cover every highest value in steps of 1, 2 or 5, without one too many', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), fc.integer({ min: 1, max: 12 }), (max, most) => {
        const ticks = axisTicks(max, most)
        const [, step = 0] = ticks
        expect(ticks[0]).toBe(0)
        expect(ticks.length).toBeLessThanOrEqual(most + 1)
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * (1 - 1e-9))
        expect(ticks.at(-2)).toBeLessThan(max)
        expect(['1', '2', '5']).toContain(step.toExponential().replace(/e.*/, ''))
      }),
    )
  })
})

describe('scales', () => {
  it('put 0 at one end and the highest value at the other', () => {
    const y = linearScale(50, 200, 20)
    expect([0, 25, 50].map(y)).toEqual([200, 110, 20])
    expect(linearScale(0, 200, 20)(0)).toBe(200)
  })

  it('give each nine of a percentile the same room', () => {
    expect([0, 90, 99, 99.9, 99.99].map((percentile) => Math.round(nines(percentile) * 1e6) / 1e6)).toEqual([
      0, 1, 2, 3, 4,
    ])
    expect(nines(100)).toBe(Infinity)
  })
})
