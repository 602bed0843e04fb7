import { currencyExponent, isCurrency } from '@boxoffice/core/domain/money/currency.ts'
import { expect, test } from 'vitest'

test.each([
  ['EUR', 2],
  ['USD', 2],
  ['JPY', 0],
  ['KRW', 0],
  ['CLP', 0],
  ['ISK', 0],
  ['KWD', 3],
  ['TND', 3],
  ['CLF', 4],
  ['UYW', 4],
])('%s has %i decimals', (code, exponent) => {
  expect(isCurrency(code)).toBe(true)
  expect(currencyExponent(code)).toBe(exponent)
})

test.each(['', 'eur', 'EURO', 'XXX', 'XAU', 'HRK', '__proto__', 'constructor'])('"%s" is not a currency', (code) => {
  expect(isCurrency(code)).toBe(false)
  expect(() => currencyExponent(code)).toThrow(RangeError)
})

test('every other code is one the platform knows too: a typing error in the table would show', () => {
  const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
  const codes = letters.flatMap((a) => letters.flatMap((b) => letters.map((c) => a + b + c))).filter(isCurrency)
  const known = new Set(Intl.supportedValuesOf('currency'))
  const fundsCodes = ['BOV', 'CHE', 'CHW', 'CLF', 'COU', 'MXV', 'USN', 'UYI', 'UYW']
  const missingInCldr = ['VED', 'XCG', 'ZWG']
  expect(codes.filter((code) => !known.has(code) && ![...fundsCodes, ...missingInCldr].includes(code))).toEqual([])
  expect(codes.length).toBeGreaterThan(150)
})
