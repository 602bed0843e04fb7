import { isCurrency } from '../domain/currency.ts'
import { isMailAddress } from '../domain/mail-address.ts'
import { MAX_PRICE } from '../domain/money.ts'
import { isName, MAX_NAME_LENGTH } from '../domain/plain-text.ts'
import type { FieldErrors } from './field-errors.ts'

/** The largest value of PostgreSQL's `integer`. */
const MAX_INTEGER = 2_147_483_647

/* The pointer names the field, so the sentences do not repeat it. */

/** Requires a name for people: see `isName`. */
export function requireName(problems: FieldErrors, pointer: string, name: string): void {
  const detail = `Must have 1 to ${MAX_NAME_LENGTH} characters, and no control or invisible ones.`
  problems.require(isName(name), pointer, detail)
}

/** Requires a single reply address: no name, no list, and no mail header after it. */
export function requireMailAddress(problems: FieldErrors, pointer: string, address: string): void {
  problems.require(isMailAddress(address), pointer, 'Must be an e-mail address.')
}

/** Requires storable text, which may be empty. PostgreSQL stores neither U+0000 nor lone surrogates. */
export function requireText(problems: FieldErrors, pointer: string, text: string): void {
  problems.require(!text.includes('\0') && text.isWellFormed(), pointer, 'Has characters that cannot be stored.')
}

export function requireInteger(
  problems: FieldErrors,
  pointer: string,
  value: number,
  min: number,
  max: number = MAX_INTEGER,
): void {
  const within = Number.isSafeInteger(value) && value >= min && value <= max
  problems.require(within, pointer, `Must be a whole number from ${min} to ${max}, not ${value}.`)
}

/** Requires an amount in minor units: a whole number from 0 to `MAX_PRICE`. */
export function requirePrice(problems: FieldErrors, pointer: string, price: number): void {
  const usable = Number.isSafeInteger(price) && price >= 0 && price <= MAX_PRICE
  problems.require(usable, pointer, `Must be an amount in minor units from 0 to ${MAX_PRICE}, not ${price}.`)
}

export function requireCurrency(problems: FieldErrors, pointer: string, currency: string): void {
  problems.require(isCurrency(currency), pointer, `Must be an ISO 4217 currency, not ${currency}.`)
}

export function requireInstant(problems: FieldErrors, pointer: string, instant: Date): void {
  problems.require(!Number.isNaN(instant.getTime()), pointer, 'Must be a time.')
}

/** Requires a time window [start, end). Either end may be open. */
export function requireWindow(
  problems: FieldErrors,
  startPointer: string,
  endPointer: string,
  start: Date | null,
  end: Date | null,
): void {
  if (start !== null) requireInstant(problems, startPointer, start)
  if (end !== null) requireInstant(problems, endPointer, end)
  if (start === null || end === null) return
  // An invalid date was reported above and compares as false, hence this way round.
  problems.require(!(end.getTime() <= start.getTime()), endPointer, `Must be after ${lastOf(startPointer)}.`)
}

/** Returns the last part of a pointer: `saleStartsAt` of `/ticketTypes/1/saleStartsAt`. */
const lastOf = (pointer: string) => pointer.slice(pointer.lastIndexOf('/') + 1)

/** Requires an IANA time zone that this runtime knows. */
export function requireTimeZone(problems: FieldErrors, pointer: string, timeZone: string): void {
  problems.require(isTimeZone(timeZone), pointer, 'Must be an IANA time zone such as Europe/Lisbon.')
}

function isTimeZone(timeZone: string): boolean {
  // An offset such as +02:00 is accepted by Intl, and wrong for half of the year.
  if (!/^[A-Za-z]/.test(timeZone)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone })
    return true
  } catch {
    return false
  }
}
