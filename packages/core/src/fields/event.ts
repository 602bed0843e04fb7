import { CURRENCY, FLAG, INSTANT, NAME, orNull, PRICE, START, text, TIME_ZONE, whole, windowRule } from './kinds.ts'
import { type Broken, type Changes, defaulted, fixed, optional, required } from './field.ts'
import { saleStatus } from './resource.ts'

const MAX_PER_BOOKING = 1_000

/** Every decision about an event reads all of its ticket types. */
export const MAX_TICKET_TYPES = 100

export const TICKET_TYPE = {
  name: required(NAME, { example: 'Saturday' }),
  price: required(PRICE, { example: 3900 }),
  capacity: required(whole(0), { example: 800 }),
  active: defaulted(FLAG, true, { example: true }),
  saleStartsAt: defaulted(orNull(INSTANT), null, { example: '2026-12-22T09:00:00.000Z' }),
  saleEndsAt: defaulted(orNull(INSTANT), null, { example: null }),
  minPerBooking: defaulted(whole(1, MAX_PER_BOOKING), 1, { example: 1 }),
  maxPerBooking: optional(whole(1, MAX_PER_BOOKING), {
    example: 10,
    description: 'Never below the minimum',
    standard: '10',
  }),
  maxPerCustomer: defaulted(orNull(whole(1)), null, { example: null }),
}

export function* ticketTypeRules(type: Changes<typeof TICKET_TYPE>): Iterable<Broken> {
  const { minPerBooking = 1, maxPerBooking = minPerBooking } = type
  if (maxPerBooking < minPerBooking) yield { path: ['maxPerBooking'], message: `Must be at least ${minPerBooking}` }
  yield* windowRule('saleStartsAt', 'saleEndsAt', type)
}

export const EVENT = {
  title: required(NAME, { example: 'Winter Lights Festival' }),
  description: defaulted(text(5_000), '', { example: 'Two nights by the river.' }),
  venue: required(NAME, { example: 'Riverside Park', description: 'Venue, as the ticket prints it' }),
  timeZone: required(TIME_ZONE, { example: 'Europe/Lisbon', description: 'IANA name; tickets print local times' }),
  startsAt: required(START, { example: '2026-12-27T18:00:00.000Z' }),
  endsAt: required(INSTANT, { example: '2026-12-28T23:00:00.000Z' }),
  status: saleStatus('published'),
  currency: fixed(required(CURRENCY, { example: 'EUR' })),
}

export const eventRules = (event: Changes<typeof EVENT>) => windowRule('startsAt', 'endsAt', event)
