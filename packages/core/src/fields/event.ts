import { z } from 'zod'
import { CURRENCY, FLAG, ID, INSTANT, NAME, orNull, PRICE, START, text, TIME_ZONE, whole, windowRule } from './kinds.ts'
import { type Broken, type Changes, defaulted, filled, fixed, optional, required } from './field.ts'
import { MAX_NAME_LENGTH } from '../domain/plain-text.ts'
import { PRICES } from './prices.ts'
import { id } from './values.ts'
import { saleStatus } from './resource.ts'

const MAX_PER_BOOKING = 1_000
const MAX_QUOTAS = 50

/** Every decision about an event reads all of its ticket types. */
export const MAX_TICKET_TYPES = 100

export const TICKET_TYPE = {
  name: required(NAME, { example: 'Saturday' }),
  price: required(PRICE, { example: 3900 }),
  capacity: required(whole(0), { example: 800 }),
  active: defaulted(FLAG, true, { example: true }),
  hidden: defaulted(FLAG, false, {
    example: false,
    description: 'In no public list, and sold only with a promo code that opens it',
  }),
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

const { hidden: _, ...shown } = TICKET_TYPE

/** Fields of a ticket type that buyers see. They do not see hidden ones at all. */
export const PUBLIC_TICKET_TYPE = shown

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
  auditoriumId: fixed(
    defaulted(orNull(ID), null, {
      example: null,
      description: 'House of an event that sells seats and areas; null for one that sells tickets alone',
    }),
  ),
  maxSeatsPerBooking: filled(whole(1, 100), 10, {
    example: 10,
    description: 'Seats and places of areas in one booking',
    standard: '10',
  }),
}

/** Fields of an event with a house that are no columns of its row. */
export const EVENT_HOUSE = {
  layoutVersion: optional(
    { taken: whole(1, 999_999_999).taken, shown: z.int().nullable() },
    { example: null, description: "Version of the auditorium's layout", standard: 'the latest' },
  ),
  prices: optional(PRICES, { example: [] }),
}

export const eventRules = (event: Changes<typeof EVENT>) => windowRule('startsAt', 'endsAt', event)

const quota = { name: NAME.taken, capacity: whole(0).taken }

/** Capacities that ticket types of an event share. A change replaces all of them. */
export const QUOTAS = {
  quotas: defaulted(
    {
      taken: z
        .array(
          z.strictObject({
            ...quota,
            ticketTypes: z
              .array(z.string().min(1).max(MAX_NAME_LENGTH))
              .min(1)
              .max(MAX_TICKET_TYPES)
              .meta({ description: 'Names or ids' }),
          }),
        )
        .max(MAX_QUOTAS)
        .meta({ description: 'Capacities that ticket types share' }),
      shown: z.array(
        z.strictObject({
          name: NAME.shown,
          capacity: z.int(),
          sold: z.int().meta({ description: 'Held or sold' }),
          ticketTypes: z.array(z.strictObject({ id, name: NAME.shown })),
        }),
      ),
    },
    [],
    { example: [] },
  ),
}
