import { z } from 'zod'
import { byId, reasonText } from '../fields.ts'
import { operation } from '../operation.ts'
import { bookingRequest } from '../schemas/booking-request.ts'
import { bookingRequestBody } from '../schemas/selection.ts'

const tag = 'Booking requests'
const noun = 'booking request'

const headers = { Location: 'Address to poll for the outcome' }

const queued = {
  id: '01890000-0000-7000-8000-000000000010',
  state: 'queued',
  resource: { type: 'showtime', id: '01890000-0000-7000-8000-000000000001' },
  seq: 1042,
  ahead: 17,
  etaMs: 40,
  acceptedAt: '2026-11-22T18:00:00.000Z',
  decidedAt: null,
  booking: null,
  refusal: null,
}

const booked = {
  ...queued,
  state: 'booked',
  ahead: 0,
  etaMs: 0,
  decidedAt: '2026-11-22T18:00:00.040Z',
  booking: {
    reference: 'K7QXM2PA',
    status: 'pending',
    paymentStatus: 'pending',
    currency: 'EUR',
    subtotal: 2400,
    discount: 0,
    fee: 72,
    total: 2472,
    expiresAt: '2026-11-22T18:10:00.040Z',
  },
}

export const create = operation({
  id: 'createBookingRequest',
  method: 'post',
  path: '/v1/booking-requests',
  tag,
  summary: 'Request seats or tickets',
  description:
    'Puts a request into the line. A request that was answered 202 is stored, and is decided exactly once, in order.',
  access: 'signedIn',
  scope: 'bookings:write',
  limit: 'booking',
  keyed: true,
  waits: true,
  body: bookingRequestBody,
  bodyExample: {
    resource: { type: 'showtime', id: '01890000-0000-7000-8000-000000000001' },
    seats: ['E5', 'E6'],
    customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
  },
  answers: {
    200: { description: 'Decided while you waited', schema: bookingRequest, example: booked, headers },
    202: { description: 'Queued; poll `Location` for the outcome', schema: bookingRequest, example: queued, headers },
  },
  problems: ['not_found', 'too_many_holds', 'overloaded'],
})

export const get = operation({
  id: 'getBookingRequest',
  method: 'get',
  path: '/v1/booking-requests/{id}',
  tag,
  summary: 'Look up a booking request',
  access: 'requestOwner',
  scope: 'bookings:read',
  limit: 'read',
  noun,
  params: byId,
  waits: true,
  answers: { 200: { description: 'The request as it is now', schema: bookingRequest, example: booked } },
  problems: [],
})

export const stream = operation({
  id: 'streamBookingRequest',
  method: 'get',
  path: '/v1/booking-requests/{id}/stream',
  tag,
  summary: 'Follow a booking request',
  description:
    'Sends server-sent events: `position` with the request while it waits, at most one a second, then one `outcome`. Then the stream ends.',
  access: 'requestOwner',
  scope: 'bookings:read',
  limit: 'stream',
  noun,
  params: byId,
  answers: {
    200: {
      description: 'The stream',
      contentType: 'text/event-stream',
      example: `event: position\ndata: ${JSON.stringify(queued)}\n\nevent: outcome\ndata: ${JSON.stringify(booked)}\n\n`,
    },
  },
  problems: [],
})

export const withdraw = operation({
  id: 'withdrawBookingRequest',
  method: 'delete',
  path: '/v1/booking-requests/{id}',
  tag,
  summary: 'Leave the line',
  description:
    'Withdraws a request that waits: it is refused with `withdrawn`, and all others keep their places. A request that was withdrawn before is returned again. One that is decided stays as it is; a booking can be cancelled.',
  access: 'requestOwner',
  scope: 'bookings:write',
  limit: 'write',
  noun,
  params: byId,
  answers: {
    200: {
      description: 'The request, refused',
      schema: bookingRequest,
      example: {
        ...queued,
        state: 'refused',
        ahead: 0,
        etaMs: 0,
        decidedAt: '2026-11-22T18:00:00.040Z',
        refusal: { code: 'withdrawn', detail: 'The request was withdrawn.' },
      },
    },
  },
  problems: ['already_decided'],
})

export const refuse = operation({
  id: 'refuseBookingRequest',
  method: 'post',
  path: '/v1/booking-requests/{id}/refuse',
  tag: 'Operations',
  summary: 'Refuse a waiting booking request',
  description:
    'Use it for a request that keeps its line from going on. It is refused with `internal_error` without being decided; all others keep their places.',
  access: 'admin',
  scope: null,
  limit: 'write',
  keyed: true,
  noun,
  params: byId,
  body: z.strictObject({ reason: reasonText }),
  bodyExample: { reason: 'It has stopped the line since 20:15' },
  answers: {
    200: {
      description: 'The request, refused',
      schema: bookingRequest,
      example: {
        ...queued,
        state: 'refused',
        ahead: 0,
        etaMs: 0,
        decidedAt: '2026-11-22T18:00:00.040Z',
        refusal: { code: 'internal_error', detail: 'The operator refused the request.' },
      },
    },
  },
  problems: ['not_found', 'already_decided'],
})
