import {
  feeOf,
  formatMoney,
  minor,
  percentOf,
  splitByLargestRemainder,
  sumOf,
  timesQuantity,
} from '@boxoffice/core/domain/money/money.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const amounts = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const basisPoints = fc.integer({ min: 0, max: 10_000 })

describe('amounts', () => {
  test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('%s is not an amount', (value) => {
    expect(() => minor(value)).toThrow(RangeError)
  })

  test('a sum or a product that leaves the safe integers throws instead of being off by one', () => {
    expect(sumOf([Number.MAX_SAFE_INTEGER - 1, 1])).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => sumOf([Number.MAX_SAFE_INTEGER, 1])).toThrow(RangeError)
    expect(() => timesQuantity(2 ** 40, 2 ** 20)).toThrow(RangeError)
    expect(() => timesQuantity(10, 1.5)).toThrow(RangeError)
  })
})

describe('shares in basis points', () => {
  test.each([
    [50, 100, 0], // 0.5 goes to the even 0
    [150, 100, 2], // 1.5 goes to the even 2
    [250, 100, 2], // 2.5 goes to the even 2
    [251, 100, 3],
    [249, 100, 2],
    [1_000, 300, 30],
    [0, 300, 0],
    [999, 0, 0],
  ])('%i at %i basis points is %i', (amount, share, expected) => {
    expect(percentOf(amount, share)).toBe(expected)
    expect(feeOf(amount, share)).toBe(expected)
  })

  test('are exact to half a minor unit, a half going to the even neighbour, for every safe amount', () => {
    fc.assert(
      fc.property(amounts, basisPoints, (amount, share) => {
        const result = BigInt(percentOf(amount, share))
        const error = result * 10_000n - BigInt(amount) * BigInt(share)
        const size = error < 0n ? -error : error
        expect(size < 5_000n || (size === 5_000n && result % 2n === 0n)).toBe(true)
      }),
      {
        numRuns: 1_000,
        examples: [
          [Number.MAX_SAFE_INTEGER, 10_000],
          [50, 100],
          [150, 100],
        ],
      },
    )
  })

  test('refuse what is negative, broken or too big', () => {
    expect(() => percentOf(-1, 300)).toThrow(RangeError)
    expect(() => percentOf(100, -1)).toThrow(RangeError)
    expect(() => percentOf(100, 2.5)).toThrow(RangeError)
    expect(() => percentOf(Number.MAX_SAFE_INTEGER, 10_001)).toThrow(RangeError)
  })
})

describe('splitting by largest remainder', () => {
  test.each([
    [10, [1, 1, 1], [4, 3, 3]],
    [2, [1, 1, 1], [1, 1, 0]],
    [5, [0, 3, 2], [0, 3, 2]],
    [1, [100, 200], [0, 1]],
    [0, [0, 0], [0, 0]],
    [0, [], []],
  ])('%i over %j is %j', (amount, weights, expected) => {
    expect(splitByLargestRemainder(amount, weights)).toEqual(expected)
  })

  test('sums exactly, keeps within one unit of proportion, and is never above a weight', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 2 ** 45 }), { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (list, part) => {
        const total = sumOf(list)
        const amount = Math.floor(total * part)
        const shares = splitByLargestRemainder(amount, list)
        expect(sumOf(shares)).toBe(amount)
        for (const [index, share] of shares.entries()) {
          const weight = list[index] ?? 0
          expect(share).toBeLessThanOrEqual(weight)
          const error = BigInt(share) * BigInt(total) - BigInt(amount) * BigInt(weight)
          expect(error < BigInt(Math.max(total, 1)) && -error < BigInt(Math.max(total, 1))).toBe(true)
        }
      }),
    )
  })

  test('refuses an amount that has nowhere to go, and negative weights', () => {
    expect(() => splitByLargestRemainder(1, [])).toThrow(RangeError)
    expect(() => splitByLargestRemainder(1, [0, 0])).toThrow(RangeError)
    expect(() => splitByLargestRemainder(0, [-1, 1])).toThrow(RangeError)
    expect(() => splitByLargestRemainder(-1, [1])).toThrow(RangeError)
  })
})

describe('money for people', () => {
  test.each([
    [1_250, 'EUR', '12.50 EUR'],
    [5, 'USD', '0.05 USD'],
    [0, 'USD', '0.00 USD'],
    [-5, 'USD', '-0.05 USD'],
    [1_250, 'JPY', '1250 JPY'],
    [0, 'JPY', '0 JPY'],
    [1_250, 'KWD', '1.250 KWD'],
    [12_345, 'CLF', '1.2345 CLF'],
    [Number.MAX_SAFE_INTEGER, 'EUR', '90071992547409.91 EUR'],
  ])('%i minor units of %s read %s', (amount, currency, expected) => {
    expect(formatMoney(amount, currency)).toBe(expected)
  })

  test('has no form in an unknown currency', () => {
    expect(() => formatMoney(1, 'EURO')).toThrow(RangeError)
  })
})
