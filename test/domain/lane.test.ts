import { laneFor, laneName } from '@boxoffice/core/domain/lane.ts'
import { describe, expect, test } from 'vitest'

describe('the lane of a resource', () => {
  test('never changes between versions', () => {
    // Computed by another implementation. Ids are drawn for their lane, and two versions may run side by side.
    expect(PINNED.map(([id]) => laneFor(id, 16))).toEqual(PINNED.map(([, lane]) => lane))
  })

  test.each([
    ['ids of ascending numbers', (n: number) => String(n)],
    ['ids of one prefix', (n: number) => `showtime-${n}`],
    ['UUIDs of one millisecond', (n: number) => `019ac000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`],
  ])('is spread evenly over %s', (_name, idOf) => {
    for (const lanes of [2, 8, 16, 31]) {
      const counts = Array.from({ length: lanes }, () => 0)
      const ids = 20_000
      for (let n = 0; n < ids; n += 1) {
        const lane = laneFor(idOf(n), lanes)
        counts[lane] = (counts[lane] ?? Number.NaN) + 1
      }
      const expected = ids / lanes
      expect(counts).toHaveLength(lanes)
      for (const count of counts) expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
  })

  test('is 0 where there is but one', () => {
    expect(laneFor('anything', 1)).toBe(0)
    expect(laneFor('', 1)).toBe(0)
  })

  test.each([0, -1, 1.5, Number.NaN])('cannot be found among %s lanes', (lanes) => {
    expect(() => laneFor('anything', lanes)).toThrow(RangeError)
  })
})

describe('the name of a lane', () => {
  test('has two digits, or more where there are more', () => {
    expect([0, 7, 12, 100].map(laneName)).toEqual(['bookings-00', 'bookings-07', 'bookings-12', 'bookings-100'])
  })

  test.each([-1, 0.5, Number.NaN])('does not exist for %s', (lane) => {
    expect(() => laneName(lane)).toThrow(RangeError)
  })
})

const PINNED: readonly (readonly [id: string, lane: number])[] = [
  ['', 11],
  ['a', 3],
  ['foobar', 12],
  ['showtime-1', 8],
  ['0192f0c1-5b7e-7c3a-9f00-1234567890ab', 15],
  ['ünï', 5],
]
