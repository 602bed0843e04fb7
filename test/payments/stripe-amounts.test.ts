import fc from 'fast-check'
import { expect, it } from 'vitest'
import { currencyExponent } from '@boxoffice/core/domain/money/currency.ts'
import { ProviderRefusedError } from '@boxoffice/core/payments/provider.ts'
import { fromStripeAmount, toStripeAmount } from '@boxoffice/core/payments/stripe/amounts.ts'

// Stripe's own lists: https://docs.stripe.com/currencies
const ZERO_DECIMAL = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ')
const THREE_DECIMAL = 'BHD JOD KWD OMR TND'.split(' ')

it.each(ZERO_DECIMAL)('%s is sent in whole units', (currency) => {
  expect(toStripeAmount(500 * 10 ** currencyExponent(currency), currency)).toBe(500)
})

it.each(['ISK', 'UGX'])('%s is sent with two zeros that it does not have', (currency) => {
  expect(toStripeAmount(5, currency)).toBe(500)
  expect(fromStripeAmount(500, currency.toLowerCase())).toEqual({ amount: 5, currency })
})

it.each(THREE_DECIMAL)('%s is sent in thousandths of which the last is 0, and refused otherwise', (currency) => {
  expect(toStripeAmount(5_120, currency)).toBe(5_120)
  expect(() => toStripeAmount(5_124, currency)).toThrow(ProviderRefusedError)
})

it('an ariary is sent without its fifths, which are refused', () => {
  expect(toStripeAmount(12_300, 'MGA')).toBe(123)
  expect(() => toStripeAmount(12_320, 'MGA')).toThrow(`Stripe cannot take 123.20 MGA`)
})

it.each(['IQD', 'LYD', 'CLF', 'UYW', 'XXX', 'eur', ''])(
  '%s is refused, as Stripe does not say how it counts it',
  (code) => {
    expect(() => toStripeAmount(1_000, code)).toThrow(ProviderRefusedError)
  },
)

it('an amount reported in parts of what has no parts is refused', () => {
  expect(() => fromStripeAmount(550, 'isk')).toThrow(ProviderRefusedError)
})

it('an amount that is too large to be exact at Stripe is refused', () => {
  expect(() => toStripeAmount(Number.MAX_SAFE_INTEGER, 'ISK')).toThrow(ProviderRefusedError)
})

it('an amount that is sent comes back as it was', () => {
  const currency = fc.constantFrom('EUR', 'USD', 'HUF', 'TWD', 'ISK', 'UGX', ...ZERO_DECIMAL, ...THREE_DECIMAL)
  fc.assert(
    fc.property(currency, fc.integer({ min: 0, max: 10 ** 12 }), (code, amount) => {
      let sent: number
      try {
        sent = toStripeAmount(amount, code)
      } catch (error) {
        expect(error).toBeInstanceOf(ProviderRefusedError)
        expect([...THREE_DECIMAL, 'MGA']).toContain(code)
        return
      }
      expect(fromStripeAmount(sent, code.toLowerCase())).toEqual({ amount, currency: code })
    }),
  )
})
