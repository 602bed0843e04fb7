import { priceLines } from '@boxoffice/core/domain/pricing.ts'
import type { UndiscountedLine } from '@boxoffice/core/domain/pricing.ts'
import { decide } from '@boxoffice/core/domain/decide.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOW, event, promoCode, seatRequest, showtime, snapshotOf, ticketRequest, ticketType } from './snapshots.ts'

describe('the price of a booking', () => {
  test('is subtotal - discount + fee, the fee being due on what is left after the discount', () => {
    const price = priceLines([line(2, 1_250), line(1, 999)], promoCode({ value: 2_000 }), 300, 'EUR')
    expect(price).toMatchObject({ currency: 'EUR', subtotal: 3_499, discount: 700, fee: 84, total: 2_883 })
    expect(price.lines.map(({ discount }) => discount)).toEqual([500, 200])
  })

  test.each([
    ['JPY', [line(3, 1_500)], 4_500, 135, 4_635],
    ['KWD', [line(1, 4_250)], 4_250, 128, 4_378], // 127.5 goes to the even 128
    ['USD', [line(1, 1_250)], 1_250, 38, 1_288], // 37.5 goes to the even 38
    ['USD', [line(1, 1_150)], 1_150, 34, 1_184], // 34.5 goes to the even 34
  ])('in %s is counted in its own minor unit', (currency, lines, subtotal, fee, total) => {
    expect(priceLines(lines, null, 300, currency)).toMatchObject({ currency, subtotal, discount: 0, fee, total })
  })

  test('never falls below zero, however large the fixed discount', () => {
    const promo = promoCode({ kind: 'fixed', value: 1_000_000, currency: 'EUR' })
    const price = priceLines([line(1, 700), line(2, 0)], promo, 300, 'EUR')
    expect(price).toMatchObject({ subtotal: 700, discount: 700, fee: 0, total: 0 })
    expect(price.lines.map(({ discount }) => discount)).toEqual([700, 0])
  })

  test('throws instead of answering an amount that is not exact', () => {
    expect(() => priceLines([line(1_000_000, 10 ** 12)], null, 300, 'EUR')).toThrow(RangeError)
    expect(() => priceLines([line(1, 2 ** 52), line(1, 2 ** 52)], null, 300, 'EUR')).toThrow(RangeError)
    expect(() => priceLines([line(1, Number.MAX_SAFE_INTEGER)], null, 300, 'EUR')).toThrow(RangeError)
    expect(() => priceLines([line(1, -100), line(1, 100)], null, 300, 'EUR')).toThrow(RangeError)
  })

  test('conserves money: lines, discounts and fee add up for any lines, code, fee and currency', () => {
    const lines = fc.array(
      fc.record({ quantity: fc.integer({ min: 1, max: 100 }), unitPrice: fc.integer({ min: 0, max: 10 ** 9 }) }),
      { minLength: 1, maxLength: 20 },
    )
    const promos = fc.option(
      fc.record({ kind: fc.constantFrom('percent', 'fixed'), value: fc.integer({ min: 0, max: 20_000 }) }),
    )
    const currencies = fc.constantFrom('EUR', 'USD', 'JPY', 'KWD', 'CLF')
    fc.assert(
      fc.property(
        lines,
        promos,
        fc.integer({ min: 0, max: 10_000 }),
        currencies,
        (list, promo, feeBasisPoints, code) => {
          const asked = list.map(({ quantity, unitPrice }) => line(quantity, unitPrice))
          const price = priceLines(asked, promo, feeBasisPoints, code)

          const subtotal = list.reduce((sum, one) => sum + BigInt(one.quantity) * BigInt(one.unitPrice), 0n)
          expect(BigInt(price.subtotal)).toBe(subtotal)
          expect(price.total).toBe(price.subtotal - price.discount + price.fee)
          expect(price.discount).toBeGreaterThanOrEqual(0)
          expect(price.discount).toBeLessThanOrEqual(price.subtotal)
          expect(BigInt(price.fee)).toBe(halfEven(subtotal - BigInt(price.discount), BigInt(feeBasisPoints)))
          expect(price.lines.reduce((sum, { discount }) => sum + discount, 0)).toBe(price.discount)
          for (const { discount, quantity, unitPrice } of price.lines) {
            expect(discount).toBeGreaterThanOrEqual(0)
            expect(discount).toBeLessThanOrEqual(quantity * unitPrice)
          }
          expect(price.lines.map(({ discount: _, ...rest }) => rest)).toEqual(asked)
          expect(price.currency).toBe(code)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('a booking', () => {
  test('has a line for each seat, in the order asked for, with its category and price', () => {
    const decision = decide(snapshotOf([showtime()]), seatRequest(['B1', 'A2']), NOW)
    expect(decision).toEqual({
      outcome: 'booked',
      currency: 'EUR',
      lines: [
        { seat: 'B1', categoryId: 'balcony', ticketTypeId: null, quantity: 1, unitPrice: 1_500, discount: 0 },
        { seat: 'A2', categoryId: 'stalls', ticketTypeId: null, quantity: 1, unitPrice: 1_000, discount: 0 },
      ],
      subtotal: 2_500,
      discount: 0,
      fee: 75,
      total: 2_575,
      promoCodeId: null,
      status: 'pending',
      expiresAt: NOW + 600_000,
    })
  })

  test('has one line for each ticket type, in the order of first mention, and its discount', () => {
    const types = [ticketType(), ticketType({ id: 'vip', price: 5_000 })]
    const asked = ticketRequest(
      [
        ['vip', 1],
        ['standard', 1],
        ['vip', 2],
      ],
      { promoCode: ' early20 ' },
    )
    const decision = decide(snapshotOf([event(types)], [promoCode()]), asked, NOW)
    expect(decision).toMatchObject({
      outcome: 'booked',
      lines: [
        { seat: null, categoryId: null, ticketTypeId: 'vip', quantity: 3, unitPrice: 5_000, discount: 3_000 },
        { seat: null, categoryId: null, ticketTypeId: 'standard', quantity: 1, unitPrice: 2_000, discount: 400 },
      ],
      subtotal: 17_000,
      discount: 3_400,
      fee: 408,
      total: 14_008,
      promoCodeId: 'promo-1',
    })
  })

  test('that costs nothing is confirmed at once and holds nothing', () => {
    const free = decide(snapshotOf([event([ticketType({ price: 0 })])]), ticketRequest([['standard', 2]]), NOW)
    expect(free).toMatchObject({ outcome: 'booked', total: 0, status: 'confirmed', expiresAt: null })

    const gift = snapshotOf([showtime()], [promoCode({ value: 10_000 })])
    expect(decide(gift, seatRequest(['A1'], { promoCode: 'EARLY20' }), NOW)).toMatchObject({
      discount: 1_000,
      fee: 0,
      total: 0,
      status: 'confirmed',
      expiresAt: null,
    })
  })
})

function line(quantity: number, unitPrice: number): UndiscountedLine {
  return { seat: null, categoryId: null, ticketTypeId: 'standard', quantity, unitPrice }
}

/** Independent of the code under test: of the two neighbours take the nearer one, of two equally near ones the even. */
function halfEven(amount: bigint, basisPoints: bigint): bigint {
  const exact = amount * basisPoints
  const below = exact / 10_000n
  const toBelow = exact - below * 10_000n
  const toAbove = (below + 1n) * 10_000n - exact
  if (toBelow !== toAbove) return toBelow < toAbove ? below : below + 1n
  return below % 2n === 0n ? below : below + 1n
}
