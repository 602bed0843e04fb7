import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import * as eventOperations from '@boxoffice/contract/operations/management-events.ts'
import * as promoCodeOperations from '@boxoffice/contract/operations/management-promo-codes.ts'
import * as showtimeOperations from '@boxoffice/contract/operations/management-showtimes.ts'
import * as venueOperations from '@boxoffice/contract/operations/management-venues.ts'
import {
  changing,
  creating,
  defaulted,
  exampleOf,
  fieldsOf,
  filled,
  fixed,
  optional,
  required,
  rulesOf,
  showing,
  withDefaults,
} from '@boxoffice/core/fields/field.ts'
import { MAX_INTEGER, NAME, orNull, whole } from '@boxoffice/core/fields/kinds.ts'

// What is derived from a field, and what the fields of the catalogue's things do not let in.

const DAY_MS = 86_400_000

/** Pointers of what is wrong with a value, each once. */
function pointersOf(schema: z.ZodType | undefined, value: unknown): readonly string[] {
  const issues = schema?.safeParse(value).error?.issues ?? []
  return [...new Set(issues.map(({ path }) => `/${path.join('/')}`))]
}

describe('a field', () => {
  const THING = {
    name: required(NAME, { example: 'A' }),
    size: defaulted(whole(1, 9), 3, { example: 2 }),
    limit: filled(orNull(whole(1)), null, { example: null }),
    weight: optional(whole(0), { example: 1 }),
    kind: fixed(required(NAME, { example: 'B' })),
  }
  const create = z.strictObject(creating(THING))
  const change = z.strictObject(changing(THING))

  it('that is left out of what is made gets its default, from the contract or when it is written', () => {
    const given = { name: 'One', kind: 'Hall' }
    expect(create.parse(given)).toEqual({ ...given, size: 3 })
    expect(withDefaults(THING, given)).toEqual({ ...given, size: 3, limit: null, weight: undefined })
    expect(withDefaults(THING, { ...given, size: 1, limit: 5, weight: 0 })).toEqual({
      ...given,
      size: 1,
      limit: 5,
      weight: 0,
    })
  })

  it('stays where a change leaves it out, may be null only where it says so, and is not changed where it is fixed', () => {
    expect(change.parse({})).toEqual({})
    expect(change.parse({ limit: null })).toEqual({ limit: null })
    expect(pointersOf(change, { name: null, size: null })).toEqual(['/name', '/size'])
    expect(change.safeParse({ kind: 'Hall' }).error?.issues).toMatchObject([
      { code: 'unrecognized_keys', keys: ['kind'] },
    ])
  })

  it('is shown without its bounds, and has an example', () => {
    const shown = z.strictObject(showing(THING))
    const old = { name: '', size: 99, limit: 0, weight: -1, kind: '' }
    expect(shown.parse(old)).toEqual(old)
    expect(exampleOf(THING)).toEqual({ name: 'A', size: 2, limit: null, weight: 1, kind: 'B' })
    expect(fieldsOf(THING, { id: 1, name: 'One', organizerId: 2 })).toEqual({ name: 'One' })
  })

  it('is held against its rules once all fields have their form', () => {
    const odd = { ...whole(0), rule: (value: number) => (value % 2 === 0 ? 'Must be odd' : null) }
    const fields = { odd: required(odd, { example: 1 }), name: required(NAME, { example: 'A' }) }
    const body = z.strictObject(creating(fields)).superRefine(
      rulesOf(fields, function* ({ odd: value = 0 }) {
        if (value > 9) yield { path: ['name'], message: 'Too many' }
      }),
    )
    expect(pointersOf(body, { odd: 2, name: '' })).toEqual(['/name'])
    expect(pointersOf(body, { odd: 12, name: 'A' })).toEqual(['/odd', '/name'])
    expect(pointersOf(body, { odd: 1, name: 'A' })).toEqual([])
  })

  it('of whole numbers goes up to 2,147,483,647', () => {
    const taken = whole(0).taken
    expect([MAX_INTEGER, MAX_INTEGER + 1].map((value) => taken.safeParse(value).success)).toEqual([true, false])
    expect(MAX_INTEGER).toBe(2_147_483_647)
  })
})

describe('a venue', () => {
  it('has every problem of its form named at once, and its time zone afterwards', () => {
    const wrong = { name: ' ', address: 'a\0b', timeZone: 'Lisbon/Europe' }
    expect(pointersOf(venueOperations.create.body, wrong)).toEqual(['/name', '/address'])
    expect(pointersOf(venueOperations.create.body, { ...wrong, name: 'Farol' })).toEqual(['/address', '/timeZone'])
  })
})

describe('a showtime', () => {
  const id = '01890000-0000-7000-8000-000000000001'
  const showtime = { movieId: id, auditoriumId: id, startsAt: '2040-01-01T20:00:00Z', currency: 'EUR', prices: [] }

  it('has a currency, a time and limits that make sense', () => {
    const wrong = { ...showtime, currency: 'EURO', maxSeatsPerBooking: 0, holdTtlMs: 0, startsAt: 'soon' }
    expect(pointersOf(showtimeOperations.create.body, wrong)).toEqual([
      '/currency',
      '/maxSeatsPerBooking',
      '/holdTtlMs',
      '/startsAt',
    ])
    expect(pointersOf(showtimeOperations.create.body, { ...showtime, currency: 'XXX' })).toEqual(['/currency'])
  })

  it('starts in a year by which lists can be read, whatever its offset', () => {
    const starting = (startsAt: string) => pointersOf(showtimeOperations.create.body, { ...showtime, startsAt })
    expect(starting('2200-12-31T23:59:59Z')).toEqual([])
    expect(starting('2200-12-31T23:59:59-14:00')).toEqual(['/startsAt'])
    expect(starting('1970-01-01T00:00:00Z')).toEqual([])
    expect(starting('0000-01-01T00:00:00Z')).toEqual(['/startsAt'])
  })

  it('has prices in minor units', () => {
    const prices = [-1, 9.5, 2 ** 53].map((price) => ({ categoryId: id, price }))
    expect(pointersOf(showtimeOperations.create.body, { ...showtime, prices })).toEqual([
      '/prices/0/price',
      '/prices/1/price',
      '/prices/2/price',
    ])
  })
})

describe('the terms of a showtime or an event', () => {
  const termsOf = (count: number, days: { hold: number; checkIn: number; notice: number }, beyond = 0) =>
    pointersOf(eventOperations.update.body, {
      holdTtlMs: days.hold * DAY_MS + beyond,
      checkInOpensMs: days.checkIn * DAY_MS + beyond,
      refundPolicy: {
        tiers: Array.from({ length: count }, () => ({ noticeMs: days.notice * DAY_MS + beyond, basisPoints: 1 })),
        refundsFee: false,
      },
    }).toSorted()

  it('hold for a day, open doors 14 days before and refund up to 1,000 days before, in ten tiers', () => {
    const most = { hold: 1, checkIn: 14, notice: 1_000 }
    expect(termsOf(10, most)).toEqual([])
    expect(termsOf(1, most, 1)).toEqual(['/checkInOpensMs', '/holdTtlMs', '/refundPolicy/tiers/0/noticeMs'])
    expect(termsOf(11, most)).toEqual(['/refundPolicy/tiers'])
  })
})

describe('an event', () => {
  const at = '2040-01-01T20:00:00Z'
  const event = { title: 'A', venue: 'B', timeZone: 'UTC', startsAt: at, endsAt: at, currency: 'EUR' }

  it('says which ticket type is at fault', () => {
    const type = { name: 'Child', price: 1, capacity: 1 }
    const form = { ...type, name: '', price: -1, capacity: 1.5 }
    expect(pointersOf(eventOperations.create.body, { ...event, ticketTypes: [type, form] })).toEqual([
      '/ticketTypes/1/name',
      '/ticketTypes/1/price',
      '/ticketTypes/1/capacity',
    ])
    const rules = { ...type, minPerBooking: 5, maxPerBooking: 4, saleStartsAt: at, saleEndsAt: at }
    expect(pointersOf(eventOperations.create.body, { ...event, ticketTypes: [type, rules] })).toEqual([
      '/ticketTypes/1/maxPerBooking',
      '/ticketTypes/1/saleEndsAt',
      '/endsAt',
    ])
  })
})

describe('a promo code', () => {
  it('is refused when it would mean something else than it says', () => {
    const at = '2040-01-01T20:00:00Z'
    const refused = (body: object) =>
      pointersOf(promoCodeOperations.create.body, { code: 'SAVE20', kind: 'percent', value: 2000, ...body })
    expect(refused({ code: ' save20 ' })).toEqual([])
    expect(refused({ code: 'DÉCEMBRE', value: 10_001 })).toEqual(['/code', '/value'])
    expect(refused({ kind: 'fixed', value: 0, currency: 'EUR' })).toEqual(['/value'])
    expect(refused({ kind: 'fixed', currency: 'XXX' })).toEqual(['/currency'])
    expect(refused({ kind: 'fixed' })).toEqual(['/currency'])
    expect(refused({ currency: 'EUR' })).toEqual(['/currency'])
    expect(refused({ resourceIds: [] })).toEqual(['/resourceIds'])
    expect(refused({ startsAt: at, endsAt: at })).toEqual(['/endsAt'])
    expect(refused({ maxPerCustomer: 0 })).toEqual(['/maxPerCustomer'])
    expect(pointersOf(promoCodeOperations.update.body, { resourceIds: [] })).toEqual(['/resourceIds'])
  })
})
