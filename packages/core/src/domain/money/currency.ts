/**
 * Currencies with a minor unit, ISO 4217 list one. Left out: precious metals, test codes and units of account such as
 * XDR, which have no minor unit and which nobody pays a ticket in.
 */

const TWO_DECIMALS = `
  AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP
  COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
  JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN
  NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL
  THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG`
const NO_DECIMALS = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'
const THREE_DECIMALS = 'BHD IQD JOD KWD LYD OMR TND'
const FOUR_DECIMALS = 'CLF UYW'

const EXPONENTS: ReadonlyMap<string, number> = new Map([
  ...withExponent(NO_DECIMALS, 0),
  ...withExponent(TWO_DECIMALS, 2),
  ...withExponent(THREE_DECIMALS, 3),
  ...withExponent(FOUR_DECIMALS, 4),
])

/** Returns whether `code` is an active ISO 4217 code with a minor unit, in upper case. */
export function isCurrency(code: string): boolean {
  return EXPONENTS.has(code)
}

/**
 * Returns the decimal digits of a currency's minor unit: JPY 0, USD 2, KWD 3, CLF 4 (ISO 4217).
 *
 * @throws RangeError for a code that `isCurrency` refuses; a guess of 2 would charge a hundred times too much.
 */
export function currencyExponent(code: string): number {
  const exponent = EXPONENTS.get(code)
  if (exponent === undefined) throw new RangeError(`not an ISO 4217 currency: ${code}`)
  return exponent
}

function withExponent(codes: string, exponent: number): [string, number][] {
  return codes
    .trim()
    .split(/\s+/)
    .map((code) => [code, exponent])
}
