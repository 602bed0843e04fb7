import { shareOut } from '@boxoffice/core/booking-requests/deciding/share-out.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0)

describe('a batch that is shared out', () => {
  it.each([
    ['one line', [30], 500, [30]],
    ['one that is longer than the batch', [700], 500, [500]],
    ['short lines, which get all they need', [1, 2, 3], 500, [1, 2, 3]],
    ['long lines, which get as much as each other', [900, 900], 500, [250, 250]],
    ['a long line, which gets what the short ones do not need', [600, 10, 1], 500, [489, 10, 1]],
    ['a long line, wherever it stands', [1, 600, 10], 500, [1, 489, 10]],
    ['lines for which it is no multiple of them', [9, 9, 9], 10, [3, 3, 4]],
    ['more lines than it has room for: one each', [5, 5, 5, 5, 5], 3, [1, 1, 1, 1, 1]],
    ['lines that look empty: one each, for requests may have come meanwhile', [0, 0], 500, [1, 1]],
    ['a line that looks more than decided', [-3, 7], 5, [1, 4]],
    ['no line', [], 500, []],
  ] as const)('over %s', (_, depths, total, shares) => {
    expect(shareOut(depths, total)).toEqual(shares)
  })

  const depths = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 250 })
  const total = fc.integer({ min: 1, max: 500 })

  it('gives each line at least one, none more than waits there, and all together no more than there is', () => {
    fc.assert(
      fc.property(depths, total, (given, most) => {
        const shares = shareOut(given, most)
        expect(shares).toHaveLength(given.length)
        for (const [index, share] of shares.entries()) {
          expect(share).toBeGreaterThanOrEqual(1)
          expect(share).toBeLessThanOrEqual(Math.max(1, given[index] ?? 0))
        }
        expect(sum(shares)).toBeLessThanOrEqual(Math.max(most, given.length))
      }),
    )
  })

  it('leaves no room unused while something waits', () => {
    fc.assert(
      fc.property(depths, total, (given, most) => {
        const wanted = sum(given.map((depth) => Math.max(1, depth)))
        expect(sum(shareOut(given, most))).toBe(Math.min(wanted, Math.max(most, given.length)))
      }),
    )
  })

  it('gives a line that wants more no less than any other line, but for what does not divide', () => {
    fc.assert(
      fc.property(depths, total, (given, most) => {
        const shares = shareOut(given, most)
        const largest = Math.max(...shares)
        for (const [index, share] of shares.entries()) {
          if (share < (given[index] ?? 0)) expect(share).toBeGreaterThanOrEqual(largest - 1)
        }
      }),
    )
  })

  it('goes by the depths alone and not by the order of the lines, and leaves what it is given as it is', () => {
    fc.assert(
      fc.property(depths, total, (given, most) => {
        const frozen = Object.freeze([...given])
        const ascending = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)
        expect(ascending(shareOut(frozen.toReversed(), most))).toEqual(ascending(shareOut(frozen, most)))
        expect(frozen).toEqual(given)
      }),
    )
  })
})
