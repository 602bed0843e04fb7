import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  DEFAULT_REFUND_POLICY,
  refundForBuyer,
  refundForOrganizer,
  type RefundPolicy,
} from '@boxoffice/core/domain/money/refund-policy.ts'

const DAY = 86_400_000
const START = 100 * DAY
const paid = { total: 10_300, fee: 300, returned: 0 }
const tiers: RefundPolicy = {
  tiers: [
    { noticeMs: 2 * DAY, basisPoints: 5_000 },
    { noticeMs: 14 * DAY, basisPoints: 10_000 },
  ],
  refundsFee: false,
}

describe('a buyer who cancels', () => {
  test('gets all but the fee until the start, unless the organizer said otherwise', () => {
    expect(refundForBuyer(DEFAULT_REFUND_POLICY, paid, START, 0)).toBe(10_000)
    expect(refundForBuyer(DEFAULT_REFUND_POLICY, paid, START, START)).toBe(10_000)
    expect(refundForBuyer(DEFAULT_REFUND_POLICY, paid, START, START + 1)).toBe(0)
  })

  test.each([
    [START - 20 * DAY, 10_000],
    [START - 14 * DAY, 10_000],
    [START - 14 * DAY + 1, 5_000],
    [START - 2 * DAY, 5_000],
    [START - 2 * DAY + 1, 0],
    [START + DAY, 0],
  ])('at %i gets %i by the longest notice that was kept', (now, amount) => {
    expect(refundForBuyer(tiers, paid, START, now)).toBe(amount)
  })

  test('gets the fee in proportion where the policy says so', () => {
    expect(refundForBuyer({ ...tiers, refundsFee: true }, paid, START, START - 3 * DAY)).toBe(5_150)
  })

  test('gets nothing that went back before', () => {
    expect(refundForBuyer(tiers, { ...paid, returned: 4_000 }, START, START - 3 * DAY)).toBe(1_000)
    expect(refundForBuyer(tiers, { ...paid, returned: 6_000 }, START, START - 3 * DAY)).toBe(0)
  })

  test('gets nothing by a policy without tiers', () => {
    expect(refundForBuyer({ tiers: [], refundsFee: true }, paid, START, 0)).toBe(0)
  })
})

test('an organizer who cancels gives back all that is left, fee included', () => {
  expect(refundForOrganizer(paid)).toBe(10_300)
  expect(refundForOrganizer({ ...paid, returned: 10_000 })).toBe(300)
})

test('no policy gives back more than is left, or less than nothing', () => {
  const amount = fc.nat({ max: 1_000_000 })
  fc.assert(
    fc.property(
      fc.record({ net: amount, fee: amount, share: fc.nat({ max: 100 }) }),
      fc.array(fc.record({ noticeMs: fc.nat({ max: 30 * DAY }), basisPoints: fc.nat({ max: 10_000 }) })),
      fc.boolean(),
      fc.integer({ min: -30 * DAY, max: 30 * DAY }),
      ({ net, fee, share }, given, refundsFee, noticeMs) => {
        const total = net + fee
        const returned = Math.floor((total * share) / 100)
        const policy = { tiers: given, refundsFee }
        const refund = refundForBuyer(policy, { total, fee, returned }, START, START - noticeMs)
        expect(refund).toBeGreaterThanOrEqual(0)
        expect(refund).toBeLessThanOrEqual(total - returned)
        expect(Number.isSafeInteger(refund)).toBe(true)
      },
    ),
  )
})
