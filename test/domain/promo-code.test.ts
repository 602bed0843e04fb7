import { promoCodeBatchRules } from '@boxoffice/core/fields/promo-code.ts'
import type { BookingRequest } from '@boxoffice/core/domain/booking-request.ts'
import { decide } from '@boxoffice/core/domain/decide.ts'
import { PROMO_CODE_RULES } from '@boxoffice/core/domain/refusals/price-rules.ts'
import { discountOf, normalizePromoCode, promoCodeKey } from '@boxoffice/core/domain/promo-code.ts'
import { refusedBy } from '@boxoffice/core/domain/refusals/rule.ts'
import type { PromoCodeSnapshot } from '@boxoffice/core/domain/snapshot.ts'
import { describe, expect, test } from 'vitest'
import { ACCEPTED_AT, NOW, ORGANIZER, promoCode, seatRequest, showtime, snapshotOf } from './snapshots.ts'

describe('a typed promo code', () => {
  test('is found in any case and with blanks around it', () => {
    expect(normalizePromoCode('  early20\n')).toBe('EARLY20')
    expect(promoCodeKey(ORGANIZER, ' early20 ')).toBe(promoCodeKey(ORGANIZER, 'EARLY20'))
  })

  test('belongs to one organizer', () => {
    expect(promoCodeKey('organizer-1', 'X')).not.toBe(promoCodeKey('organizer-2', 'X'))
    const snapshot = snapshotOf([showtime()], [promoCode({ organizerId: 'organizer-2' })])
    expect(decide(snapshot, seatRequest(['A1'], { promoCode: 'EARLY20' }), NOW)).toMatchObject({
      refusal: { code: 'promo_invalid' },
    })
  })

  test('that is blank is none, as an empty field of a form is', () => {
    expect(decide(snapshotOf([showtime()]), seatRequest(['A1'], { promoCode: '  ' }), NOW)).toMatchObject({
      outcome: 'booked',
      promoCodeId: null,
    })
  })
})

describe('a promo code may be used', () => {
  test('where nothing speaks against it', () => {
    expect(check(promoCode())).toBeNull()
    expect(check(promoCode({ resourceIds: new Set(['showtime-1']) }))).toBeNull()
    expect(check(promoCode({ kind: 'fixed', value: 100, currency: 'EUR' }))).toBeNull()
    expect(check(promoCode({ kind: 'percent', currency: 'USD' }))).toBeNull()
  })

  test('from its start until just before its end, judged when the request was accepted', () => {
    const promo = promoCode({ startsAt: ACCEPTED_AT, endsAt: ACCEPTED_AT + 10 })
    expect(check(promo, { acceptedAt: ACCEPTED_AT - 1 })).toBe('promo_not_active')
    expect(check(promo, { acceptedAt: ACCEPTED_AT })).toBeNull()
    expect(check(promo, { acceptedAt: ACCEPTED_AT + 9 })).toBeNull()
    expect(check(promo, { acceptedAt: ACCEPTED_AT + 10 })).toBe('promo_not_active')
  })

  test('until its last redemption in total', () => {
    expect(check(promoCode({ maxRedemptions: 5, redeemed: 4 }))).toBeNull()
    expect(check(promoCode({ maxRedemptions: 5, redeemed: 5 }))).toBe('promo_exhausted')
    expect(check(promoCode({ maxRedemptions: 0 }))).toBe('promo_exhausted')
  })

  test('until any of the customer keys has used it up', () => {
    const limits = {
      maxPerCustomer: 2,
      redeemedByCustomer: new Map([
        ['email-1', 2],
        ['owner-1', 1],
      ]),
    }
    expect(check(promoCode(limits), { customerKeys: ['owner-1'] })).toBeNull()
    expect(check(promoCode(limits), { customerKeys: ['owner-1', 'email-1'] })).toBe('promo_exhausted')
    expect(check(promoCode(limits), { customerKeys: ['owner-2'] })).toBeNull()
    expect(check(promoCode({ ...limits, maxPerCustomer: null }))).toBeNull()
  })
})

describe('the first rule that fails decides', () => {
  const last = { maxRedemptions: 1, redeemed: 1, maxPerCustomer: 1, redeemedByCustomer: new Map([['owner-1', 1]]) }
  const inactive = { ...last, active: false, startsAt: ACCEPTED_AT + 1, endsAt: ACCEPTED_AT }

  test.each([
    ['an unknown code', undefined, 'promo_invalid', 'not valid here'],
    ['another resource', { ...inactive, resourceIds: new Set(['other']) }, 'promo_invalid', 'not valid here'],
    ['another currency', { ...inactive, kind: 'fixed', currency: 'USD' }, 'promo_invalid', 'not valid here'],
    ['no currency', { ...inactive, kind: 'fixed', currency: null }, 'promo_invalid', 'not valid here'],
    ['switched off', inactive, 'promo_not_active', 'switched off'],
    ['too early', { ...inactive, active: true }, 'promo_not_active', 'not valid yet'],
    ['too late', { ...inactive, active: true, startsAt: null }, 'promo_not_active', 'no longer valid'],
    ['used up', last, 'promo_exhausted', 'has been used'],
    ['used up by this customer', { ...last, maxRedemptions: null }, 'promo_exhausted', 'You have used'],
  ] as const)('%s', (_name, changes, code, detail) => {
    const promo = changes === undefined ? undefined : promoCode(changes)
    const refusal = refusalOf(promo)
    expect(refusal?.code).toBe(code)
    expect(refusal?.detail).toContain(detail)
  })
})

describe('a guesser', () => {
  test.each([
    ['is for another resource', { resourceIds: new Set(['other']) }],
    ['is for another currency', { kind: 'fixed', currency: 'USD' }],
    ['is for no currency', { kind: 'fixed', currency: null }],
  ] as const)('cannot tell a code that %s from none', (_name, changes) => {
    const refusal = refusalOf(promoCode(changes))
    expect(refusal).toMatchObject({ code: 'promo_invalid' })
    expect(refusal).toEqual(refusalOf(undefined))
  })
})

describe('a discount', () => {
  test.each([
    ['percent', 2_000, 1_000, 200],
    ['percent', 500, 50, 2], // 2.5 goes to the even 2
    ['percent', 500, 70, 4], // 3.5 goes to the even 4
    ['percent', 10_000, 999, 999],
    ['percent', 25_000, 999, 999],
    ['fixed', 300, 1_000, 300],
    ['fixed', 1_001, 1_000, 1_000],
    ['fixed', 0, 1_000, 0],
  ] as const)('%s %i off %i is %i', (kind, value, subtotal, expected) => {
    expect(discountOf({ kind, value }, subtotal)).toBe(expected)
  })

  test.each(['percent', 'fixed'] as const)('that is negative is never turned into a surcharge (%s)', (kind) => {
    expect(() => discountOf({ kind, value: -1 }, 1_000)).toThrow(RangeError)
  })
})

function check(promo: PromoCodeSnapshot, changes: Partial<BookingRequest> = {}) {
  return refusalOf(promo, changes)?.code ?? null
}

function refusalOf(promo: PromoCodeSnapshot | undefined, changes: Partial<BookingRequest> = {}) {
  const request = seatRequest(['A1'], changes)
  return refusedBy(PROMO_CODE_RULES, { promo, request, places: 1, currency: 'EUR' })?.refusal
}

describe('a batch of codes', () => {
  const problems = (count: number, names: number) => {
    const categories = Array.from({ length: names }, (_, index) => `${index}`.padEnd(100, 'x'))
    return [...promoCodeBatchRules({ count, kind: 'percent', value: 1_000, categories })]
  }

  test('may be as large as its lists allow: each code has its own', () => {
    expect(problems(100_000, 4)).toEqual([])
    expect(problems(1_000, 100)).toEqual([])
    expect(problems(100_000, 100)).toMatchObject([{ path: ['count'] }])
  })
})
