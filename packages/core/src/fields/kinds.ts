import { z } from 'zod'
import { isCurrency } from '../domain/money/currency.ts'
import { isMailAddress } from '../domain/mail-address.ts'
import { MAX_NAME_LENGTH } from '../domain/plain-text.ts'
import { emailInput } from './email.ts'
import type { Broken, Kind } from './field.ts'
import {
  amount,
  currency,
  id,
  idInput,
  instant,
  longText,
  priceInput,
  startInput,
  storedInstantInput,
  textLine,
} from './values.ts'

/** The largest value of PostgreSQL's `integer`. */
export const MAX_INTEGER = 2_147_483_647

/** A name that people read. */
export const NAME = { taken: textLine(MAX_NAME_LENGTH), shown: z.string() }

/** Declares longer text, which may be empty. */
export const text = (max: number) => ({ taken: longText(max), shown: z.string() })

export const whole = (min: number, max: number = MAX_INTEGER) => ({ taken: z.int().min(min).max(max), shown: z.int() })

export const FLAG = { taken: z.boolean(), shown: z.boolean() }

export const ID = { taken: idInput, shown: id }

export const INSTANT = { taken: storedInstantInput, shown: instant }

/** The time at which a showtime or an event starts. */
export const START = { taken: startInput, shown: instant }

/** Price in minor units. */
export const PRICE = { taken: priceInput, shown: amount }

export const CURRENCY = {
  taken: currency,
  shown: currency,
  rule: (code: string) => (isCurrency(code) ? null : `Must be an ISO 4217 currency, not ${code}`),
}

/** One address that mail is answered to, such as may stand in a header of a mail. */
export const MAIL_ADDRESS = {
  taken: emailInput.refine(isMailAddress, { error: 'Must be an e-mail address' }),
  shown: z.string(),
}

/** An IANA time zone that this runtime knows. */
export const TIME_ZONE = {
  taken: z.string().max(64),
  shown: z.string(),
  rule: (name: string) => (isTimeZone(name) ? null : 'Must be an IANA time zone such as Europe/Lisbon'),
}

/** Declares a kind whose value may be `null`. */
export const orNull = <Taken extends z.ZodType, Shown extends z.ZodType>({ taken, shown }: Kind<Taken, Shown>) => ({
  taken: taken.nullable(),
  shown: shown.nullable(),
})

function isTimeZone(name: string): boolean {
  // An offset such as +02:00 is accepted by Intl, and wrong for half of the year.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** Yields a broken rule where a time window [start, end), whose ends may each be open, is none. */
export function* windowRule<Start extends string, End extends string>(
  start: Start,
  end: End,
  values: { readonly [Name in Start | End]?: Date | null | undefined },
): Iterable<Broken> {
  const [from, to] = [values[start], values[end]]
  if (from instanceof Date && to instanceof Date && to <= from) yield { path: [end], message: `Must be after ${start}` }
}
