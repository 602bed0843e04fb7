import { priceItems } from '@boxoffice/core/domain/money/pricing.ts'
import type { UndiscountedItem } from '@boxoffice/core/domain/money/pricing.ts'
import { decide } from '@boxoffice/core/domain/decide.ts'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NOW, event, promoCode, seatRequest, showtime, snapshotOf, ticketRequest, ticketType } from './snapshots.ts'

describe('the price of a booking', () => {
  test('is subtotal - discount + fee, the fee being due on what is left after the discount', () => {
    const price = priceItems([item(2, 1_250), item(1, 999)], promoCode({ value: 2_000 }), 300, 'EUR')
    expect(price).toMatchObject({ currency: 'EUR', subtotal: 3_499, discount: 700, fee: 84, total: 2_883 })
    expect(price.items.map(({ discount }) => discount)).toEqual([500, 200])
  })

  test.each([
    ['JPY', [item(3, 1_500)], 4_500, 135, 4_635],
    ['KWD', [item(1, 4_250)], 4_250, 128, 4_378], // 127.5 goes to the even 128
    ['USD', [item(1, 1_250)], 1_250, 38, 1_288], // 37.5 goes to the even 38
    ['USD', [item(1, 1_150)], 1_150, 34, 1_184], // 34.5 goes to the even 34
  ])('in %s is counted in its own minor unit', (currency, items, subtotal, fee, total) => {
    expect(priceItems(items, null, 300, currency)).toMatchObject({ currency, subtotal, discount: 0, fee, total })
  })

  test('never falls below zero, however large the fixed discount', () => {
    const promo = promoCode({ kind: 'fixed', value: 1_000_000, currency: 'EUR' })
    const price = priceItems([item(1, 700), item(2, 0)], promo, 300, 'EUR')
    expect(price).toMatchObject({ subtotal: 700, discount: 700, fee: 0, total: 0 })
    expect(price.items.map(({ discount }) => discount)).toEqual([700, 0])
  })

  test('throws instead of answering an amount that is not exact', () => {
    expect(() => priceItems([item(1_000_000, 10 ** 12)], null, 300, 'EUR')).toThrow(RangeError)
    expect(() => priceItems([item(1, 2 ** 52), item(1, 2 ** 52)], null, 300, 'EUR')).toThrow(RangeError)
    expect(() => priceItems([item(1, Number.MAX_SAFE_INTEGER)], null, 300, 'EUR')).toThrow(RangeError)
    expect(() => priceItems([item(1, -100), item(1, 100)], null, 300, 'EUR')).toThrow(RangeError)
  })

  test('conserves money: items, discounts and fee add up for any items, code, fee and currency', () => {
    const items = fc.array(
      fc.record({ quantity: fc.integer({ min: 1, max: 100 }), unitPrice: fc.integer({ min: 0, max: 10 ** 9 }) }),
      { minLength: 1, maxLength: 20 },
    )
    const promos = fc.option(
      fc.record({ kind: fc.constantFrom('percent', 'fixed'), value: fc.integer({ min: 0, max: 20_000 }) }),
    )
    const currencies = fc.constantFrom('EUR', 'USD', 'JPY', 'KWD', 'CLF')
    fc.assert(
      fc.property(
        items,
        promos,
        fc.integer({ min: 0, max: 10_000 }),
        currencies,
        (list, promo, feeBasisPoints, code) => {
          const asked = list.map(({ quantity, unitPrice }) => item(quantity, unitPrice))
          const price = priceItems(asked, promo, feeBasisPoints, code)

          const subtotal = list.reduce((sum, one) => sum + BigInt(one.quantity) * BigInt(one.unitPrice), 0n)
          expect(BigInt(price.subtotal)).toBe(subtotal)
          expect(price.total).toBe(price.subtotal - price.discount + price.fee)
          expect(price.discount).toBeGreaterThanOrEqual(0)
          expect(price.discount).toBeLessThanOrEqual(price.subtotal)
          expect(BigInt(price.fee)).toBe(halfEven(subtotal - BigInt(price.discount), BigInt(feeBasisPoints)))
          expect(price.items.reduce((sum, { discount }) => sum + discount, 0)).toBe(price.discount)
          for (const { discount, quantity, unitPrice } of price.items) {
            expect(discount).toBeGreaterThanOrEqual(0)
            expect(discount).toBeLessThanOrEqual(quantity * unitPrice)
          }
          expect(price.items.map(({ discount: _, ...rest }) => rest)).toEqual(asked)
          expect(price.currency).toBe(code)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('a booking', () => {
  test('has an item for each seat, in the order asked for, with its category and price', () => {
    const decision = decide(snapshotOf([showtime()]), seatRequest(['B1', 'A2']), NOW)
    expect(decision).toEqual({
      outcome: 'booked',
      currency: 'EUR',
      items: [
        { ...ONE_SEAT, seat: 'B1', categoryId: 'balcony', unitPrice: 1_500, discount: 0 },
        { ...ONE_SEAT, seat: 'A2', categoryId: 'stalls', unitPrice: 1_000, discount: 0 },
      ],
      subtotal: 2_500,
      discount: 0,
      fee: 75,
      total: 2_575,
      wish: null,
      promoCodeId: null,
      promoTickets: 0,
      status: 'pending',
      expiresAt: NOW + 600_000,
    })
  })

  test('has one item for each ticket type, in the order of first mention, and its discount', () => {
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
      items: [
        { ...item(3, 5_000), ticketTypeId: 'vip', discount: 3_000 },
        { ...item(1, 2_000), discount: 400 },
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

const ONE_SEAT = { area: null, ticketTypeId: null, rate: null, quantity: 1, kept: 0 }

function item(quantity: number, unitPrice: number): UndiscountedItem {
  return {
    seat: null,
    area: null,
    categoryId: null,
    ticketTypeId: 'standard',
    rate: null,
    quantity,
    kept: 0,
    unitPrice,
  }
}

/**
 * Rounds to the nearer neighbour, and to the even one if both are equally near. It is independent of the code under
 * test.
 */
function halfEven(amount: bigint, basisPoints: bigint): bigint {
  const exact = amount * basisPoints
  const below = exact / 10_000n
  const toBelow = exact - below * 10_000n
  const toAbove = (below + 1n) * 10_000n - exact
  if (toBelow !== toAbove) return toBelow < toAbove ? below : below + 1n
  return below % 2n === 0n ? below : below + 1n
}
