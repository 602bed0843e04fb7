import { z } from 'zod'
import { WEEKDAYS } from '@boxoffice/core/domain/recurrence.ts'
import { currency, idInput, instantInput, priceInput } from '@boxoffice/core/fields/values.ts'
import { byId, page, pageOf, reasonText } from '../fields.ts'
import { operation } from '../operation.ts'
import { managedShowtime } from '../schemas/management.ts'
import {
  cancellation,
  checkInOpensMs,
  holdTtlMs,
  laneInput,
  organizerIdInput,
  organizerIdQuery,
  refundPolicy,
} from '../schemas/management-parts.ts'

const tag = 'Showtimes'
const noun = 'showtime'

const example = {
  id: '01890000-0000-7000-8000-000000000001',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  movie: { id: '01890000-0000-7000-8000-000000000020', title: 'The Third Man' },
  venue: { id: '01890000-0000-7000-8000-000000000021', name: 'Farol Cinema', timeZone: 'Europe/Lisbon' },
  auditorium: { id: '01890000-0000-7000-8000-000000000022', name: 'One' },
  layoutVersion: 1,
  startsAt: '2026-12-24T20:00:00.000Z',
  status: 'draft',
  currency: 'EUR',
  maxSeatsPerBooking: 10,
  prices: [{ categoryId: '01890000-0000-7000-8000-000000000002', category: 'Standard', price: 1200 }],
  seats: { total: 183, sold: 0 },
  holdTtlMs: 600_000,
  refundPolicy: { tiers: [{ noticeMs: 0, basisPoints: 10_000 }], refundsFee: false },
  checkInOpensMs: 86_400_000,
  lane: 3,
  version: 0,
  createdAt: '2026-11-22T18:00:00.000Z',
}

const cancellationExample = {
  status: 'running',
  reason: 'The projector broke',
  total: 240,
  cancelled: 100,
  failed: 0,
  startedAt: '2026-11-22T18:00:00.000Z',
  finishedAt: null,
}

const bodyExample = {
  movieId: '01890000-0000-7000-8000-000000000020',
  auditoriumId: '01890000-0000-7000-8000-000000000022',
  startsAt: '2026-12-24T20:00:00Z',
  status: 'active',
  currency: 'EUR',
  prices: [{ category: 'Standard', price: 1200 }],
}

const prices = z
  .array(
    z.strictObject({
      categoryId: idInput.optional(),
      category: z.string().max(200).optional().meta({ description: 'Its name, in place of `categoryId`' }),
      price: priceInput.nullable().meta({ description: 'null: not for sale' }),
    }),
  )
  .max(50)
  .meta({ description: 'One for every seat category of the layout' })

/** Seat maps call the same thing `name`. */
const PRICE_BY_NAME = {
  '/prices/*/name': 'Unknown field; a price names its category by `category` or `categoryId`',
}

const layoutVersion = z
  .int()
  .min(1)
  .max(999_999_999)
  .meta({ description: "Of the auditorium's layout; the latest unless given" })
const maxSeatsPerBooking = z.int().min(1).max(100).meta({ description: '10 unless given' })

const body = {
  organizerId: organizerIdInput,
  movieId: idInput,
  auditoriumId: idInput,
  layoutVersion: layoutVersion.optional(),
  status: z.enum(['draft', 'active']).default('draft'),
  currency,
  maxSeatsPerBooking: maxSeatsPerBooking.optional(),
  prices,
  holdTtlMs: holdTtlMs.optional(),
  refundPolicy: refundPolicy.optional(),
  checkInOpensMs: checkInOpensMs.optional(),
  lane: laneInput,
}

export const createShowtime = operation({
  id: 'createShowtime',
  method: 'post',
  path: '/v1/showtimes',
  tag,
  summary: 'Make a showtime',
  // Built on things of an organizer: another one's do not exist.
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  body: z.strictObject({ ...body, startsAt: instantInput }),
  bodyExample,
  untaken: PRICE_BY_NAME,
  answers: { 201: { description: 'The showtime', schema: managedShowtime, example } },
  problems: ['not_found'],
})

const { startsAt: _, ...recurringExample } = bodyExample

export const createShowtimes = operation({
  id: 'createShowtimes',
  method: 'post',
  path: '/v1/showtimes/batch',
  tag,
  summary: 'Make a recurring set of showtimes',
  description:
    'At the same local times on days of the week, in the time zone of the venue; all of them or none, at most 200.',
  // Built on things of an organizer: another one's do not exist.
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  body: z.strictObject({
    ...body,
    recurrence: z.strictObject({
      days: z
        .array(z.enum(WEEKDAYS))
        .min(1)
        .max(7)
        .transform((days) => WEEKDAYS.filter((day) => days.includes(day))),
      times: z
        .array(z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: 'Must be a local time such as 21:00' }))
        .min(1)
        .max(48)
        .meta({ description: 'Local times', example: ['18:00', '21:00'] }),
      from: z.iso.date({ error: 'Must be a day such as 2026-12-01' }).meta({ description: 'The first day' }),
      until: z.iso.date({ error: 'Must be a day such as 2026-12-31' }).meta({ description: 'The last day' }),
    }),
  }),
  bodyExample: {
    ...recurringExample,
    recurrence: { days: ['fr', 'sa'], times: ['18:00', '21:00'], from: '2026-12-01', until: '2026-12-31' },
  },
  answers: {
    201: {
      description: 'The showtimes, the earliest first',
      schema: z.strictObject({ items: z.array(managedShowtime) }),
      example: { items: [example] },
    },
  },
  untaken: PRICE_BY_NAME,
  problems: ['not_found'],
})

export const updateShowtime = operation({
  id: 'updateShowtime',
  method: 'patch',
  path: '/v1/showtimes/{id}',
  tag,
  summary: 'Change a showtime, put it on sale or take it off',
  description: [
    'What was booked stays booked, at its price. `status`: `active` puts it on sale, `draft` takes it off as long as nothing is booked, `cancelled` cancels it as `POST …/cancel` does and goes alone.',
    'Another `layoutVersion` is refused where seats that are held or sold would vanish or be disabled; prices follow by the names of the categories. `startsAt` can be changed until it begins.',
  ].join('\n\n'),
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  noun,
  params: byId,
  body: z.strictObject({
    startsAt: instantInput.optional(),
    status: z.enum(['draft', 'active', 'cancelled']).optional(),
    maxSeatsPerBooking: maxSeatsPerBooking.optional(),
    prices: prices.optional(),
    layoutVersion: layoutVersion.optional(),
    holdTtlMs: holdTtlMs.optional(),
    refundPolicy: refundPolicy.optional(),
    checkInOpensMs: checkInOpensMs.optional(),
  }),
  bodyExample: { status: 'active' },
  untaken: { ...PRICE_BY_NAME, '/movieId': 'Cannot be changed', '/auditoriumId': 'Cannot be changed' },
  answers: { 200: { description: 'The showtime', schema: managedShowtime, example: { ...example, status: 'active' } } },
  problems: ['invalid_transition', 'seats_sold', 'in_use', 'not_on_sale'],
})

export const cancelShowtime = operation({
  id: 'cancelShowtime',
  method: 'post',
  path: '/v1/showtimes/{id}/cancel',
  tag,
  summary: 'Cancel a showtime and its bookings',
  description:
    'It is off sale at once. Its bookings are cancelled and refunded, fee included, in batches; the buyers are told the reason. An API key needs the scope `refunds:write`, too.',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  noun,
  params: byId,
  body: z.strictObject({ reason: reasonText }),
  bodyExample: { reason: 'The projector broke' },
  answers: { 202: { description: 'How far it is', schema: cancellation, example: cancellationExample } },
  problems: ['invalid_transition', 'not_on_sale'],
})

export const getShowtimeCancellation = operation({
  id: 'getShowtimeCancellation',
  method: 'get',
  path: '/v1/showtimes/{id}/cancellation',
  tag,
  summary: 'Look up how far the cancellation of a showtime is',
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun: 'cancellation',
  params: byId,
  answers: { 200: { description: 'How far it is', schema: cancellation, example: cancellationExample } },
  problems: [],
})

export const listOrganizerShowtimes = operation({
  id: 'listOrganizerShowtimes',
  method: 'get',
  path: '/v1/organizer/showtimes',
  tag,
  summary: "List an organizer's showtimes",
  description: 'The earliest first, drafts and cancelled ones too.',
  access: 'organizer',
  scope: 'catalogue:read',
  limit: 'read',
  query: z.strictObject({
    ...page,
    organizerId: organizerIdQuery,
    status: z.enum(['draft', 'active', 'cancelled']).optional(),
    from: instantInput.optional().meta({ description: 'Starts at or after this' }),
    to: instantInput.optional().meta({ description: 'Starts before this' }),
  }),
  answers: {
    200: { description: 'A page', schema: pageOf(managedShowtime), example: { items: [example], nextCursor: null } },
  },
  problems: ['not_found'],
})

export const getOrganizerShowtime = operation({
  id: 'getOrganizerShowtime',
  method: 'get',
  path: '/v1/organizer/showtimes/{id}',
  tag,
  summary: "Look up an organizer's showtime",
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun,
  params: byId,
  answers: { 200: { description: 'The showtime', schema: managedShowtime, example } },
  problems: [],
})
