import { beforeAll, describe, expect, test } from 'vitest'
import { sellingTerms } from '@boxoffice/core/payments/selling-terms.ts'
import { stripeMinimum } from '@boxoffice/core/payments/stripe/minimums.ts'
import { givenPromoCode, givenShowtime, type GivenShowtime } from '../support/catalogue.ts'
import { signTestToken } from '../support/tokens.ts'
import { customer, sharedLifecycleApp } from './start-lifecycle-app.ts'

const app = sharedLifecycleApp({
  environment: { PAYMENT_PROVIDER: 'stripe', STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1' },
})

let house: GivenShowtime
let buyer: string
let staff: string
beforeAll(async () => {
  house = await givenShowtime(app.db.database, { price: 200, feeBasisPoints: 0 })
  const { organizerId } = house
  for (const [code, value] of [
    ['NEARLY', 9_000],
    ['ENOUGH', 7_500],
    ['FREE', 10_000],
  ] as const) {
    await givenPromoCode(app.db.database, { organizerId, code, kind: 'percent', value })
  }
  buyer = await signTestToken('customer')
  staff = await signTestToken('staff', { organizerId })
})

let seat = 0

async function ask(path: '/v1/quotes' | '/v1/booking-requests', token: string, promoCode: string) {
  const seats = [house.seats[seat++]]
  const body = { resource: { type: 'showtime', id: house.showtimeId }, seats, promoCode, customer }
  const headers = path === '/v1/quotes' ? {} : { Prefer: 'wait=20' }
  return (await app.send('POST', path, { token, headers, body })).body
}

const TOO_SMALL = { code: 'amount_too_small', total: 20, minimum: 50 }

describe('a total that the payment provider does not take', () => {
  test('is refused in the quote and in the decision alike, with the least that can be paid', async () => {
    expect(await ask('/v1/quotes', buyer, 'NEARLY')).toMatchObject({ bookable: false, refusal: TOO_SMALL })
    expect(await ask('/v1/booking-requests', buyer, 'NEARLY')).toMatchObject({ state: 'refused', refusal: TOO_SMALL })
  })

  test("is none to the organizer's people, who take it at the counter", async () => {
    expect(await ask('/v1/quotes', staff, 'NEARLY')).toMatchObject({ bookable: true, total: 20 })
    expect(await ask('/v1/booking-requests', staff, 'NEARLY')).toMatchObject({
      state: 'booked',
      booking: { total: 20 },
    })
  })

  test('is neither the least that can be paid nor nothing at all', async () => {
    expect(await ask('/v1/quotes', buyer, 'ENOUGH')).toMatchObject({ bookable: true, total: 50 })
    expect(await ask('/v1/booking-requests', buyer, 'ENOUGH')).toMatchObject({
      state: 'booked',
      booking: { total: 50 },
    })
    expect(await ask('/v1/booking-requests', buyer, 'FREE')).toMatchObject({ state: 'booked', booking: { total: 0 } })
  })
})

test('the sandbox takes any total, and Stripe one that it names no least for', () => {
  const of = (PAYMENT_PROVIDER: 'sandbox' | 'stripe') => sellingTerms({ PAYMENT_PROVIDER, SHOWTIME_SALES_END_MS: 0 })
  expect(of('sandbox').minimumTotals('EUR')).toBe(0)
  expect(of('stripe').minimumTotals).toBe(stripeMinimum)
  // Minor units are ISO 4217's: a yen has none, a forint has a hundred.
  expect(['EUR', 'GBP', 'JPY', 'HUF', 'ISK'].map(stripeMinimum)).toEqual([50, 30, 50, 17_500, 0])
})
