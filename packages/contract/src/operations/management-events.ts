import { z } from 'zod'
import { currency, idInput, instantInput, longText, priceInput, textLine } from '@boxoffice/core/fields/values.ts'
import { byId, page, pageOf, reasonText } from '../fields.ts'
import { operation } from '../operation.ts'
import { managedEvent, managedTicketType } from '../schemas/management.ts'
import {
  cancellation,
  checkInOpensMs,
  holdTtlMs,
  laneInput,
  MAX_INTEGER,
  organizerIdInput,
  organizerIdQuery,
  refundPolicy,
  timeZoneInput,
} from '../schemas/management-parts.ts'

const tag = 'Events'
const noun = 'event'

const ticketTypeExample = {
  id: '01890000-0000-7000-8000-000000000003',
  name: 'Saturday',
  price: 3900,
  capacity: 800,
  sold: 0,
  active: true,
  saleStartsAt: '2026-12-22T09:00:00.000Z',
  saleEndsAt: null,
  minPerBooking: 1,
  maxPerBooking: 10,
  maxPerCustomer: null,
}

const example = {
  id: '01890000-0000-7000-8000-000000000030',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  title: 'Winter Lights Festival',
  description: 'Two nights by the river.',
  venue: 'Riverside Park',
  timeZone: 'Europe/Lisbon',
  startsAt: '2026-12-27T18:00:00.000Z',
  endsAt: '2026-12-28T23:00:00.000Z',
  status: 'draft',
  currency: 'EUR',
  ticketTypes: [ticketTypeExample],
  holdTtlMs: 600_000,
  refundPolicy: { tiers: [{ noticeMs: 0, basisPoints: 10_000 }], refundsFee: false },
  checkInOpensMs: 86_400_000,
  lane: 3,
  version: 0,
  createdAt: '2026-11-22T18:00:00.000Z',
}

const cancellationExample = {
  status: 'running',
  reason: 'A storm is coming',
  total: 240,
  cancelled: 100,
  failed: 0,
  startedAt: '2026-11-22T18:00:00.000Z',
  finishedAt: null,
}

const perBooking = z.int().min(1).max(1_000)
const perCustomer = z.int().min(1).max(MAX_INTEGER)
const fields = {
  name: textLine(200),
  price: priceInput,
  capacity: z.int().min(0).max(MAX_INTEGER),
}

const ticketTypeBody = z.strictObject({
  ...fields,
  active: z.boolean().default(true),
  saleStartsAt: instantInput.nullable().default(null),
  saleEndsAt: instantInput.nullable().default(null),
  minPerBooking: perBooking.default(1),
  maxPerBooking: perBooking.optional().meta({ description: '10 unless given, and never below the minimum' }),
  maxPerCustomer: perCustomer.nullable().default(null),
})

const title = textLine(200)
const description = longText(5_000)
const venue = textLine(200).meta({ description: 'Where it is, as the ticket prints it' })

export const createEvent = operation({
  id: 'createEvent',
  method: 'post',
  path: '/v1/events',
  tag,
  summary: 'Make an event with its ticket types',
  access: 'organizer',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  body: z.strictObject({
    organizerId: organizerIdInput,
    title,
    description: description.default(''),
    venue,
    timeZone: timeZoneInput,
    startsAt: instantInput,
    endsAt: instantInput,
    status: z.enum(['draft', 'published']).default('draft'),
    currency,
    ticketTypes: z.array(ticketTypeBody).max(100).default([]),
    holdTtlMs: holdTtlMs.optional(),
    refundPolicy: refundPolicy.optional(),
    checkInOpensMs: checkInOpensMs.optional(),
    lane: laneInput,
  }),
  bodyExample: {
    title: 'Winter Lights Festival',
    venue: 'Riverside Park',
    timeZone: 'Europe/Lisbon',
    startsAt: '2026-12-27T18:00:00Z',
    endsAt: '2026-12-28T23:00:00Z',
    currency: 'EUR',
    ticketTypes: [{ name: 'Saturday', price: 3900, capacity: 800, saleStartsAt: '2026-12-22T09:00:00Z' }],
  },
  answers: { 201: { description: 'The event', schema: managedEvent, example } },
  problems: ['not_found'],
})

export const updateEvent = operation({
  id: 'updateEvent',
  method: 'patch',
  path: '/v1/events/{id}',
  tag,
  summary: 'Change an event, put it on sale or take it off',
  description:
    'What was booked stays booked. `status`: `published` puts it on sale, `draft` takes it off as long as nothing is booked, `cancelled` cancels it as `POST …/cancel` does and goes alone. `startsAt` can be changed until it begins.',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  noun,
  params: byId,
  body: z.strictObject({
    title: title.optional(),
    description: description.optional(),
    venue: venue.optional(),
    timeZone: timeZoneInput.optional(),
    startsAt: instantInput.optional(),
    endsAt: instantInput.optional(),
    status: z.enum(['draft', 'published', 'cancelled']).optional(),
    holdTtlMs: holdTtlMs.optional(),
    refundPolicy: refundPolicy.optional(),
    checkInOpensMs: checkInOpensMs.optional(),
  }),
  bodyExample: { status: 'published' },
  untaken: { '/ticketTypes': 'Ticket types are added and changed one by one, under `…/ticket-types`' },
  answers: { 200: { description: 'The event', schema: managedEvent, example: { ...example, status: 'published' } } },
  problems: ['invalid_transition', 'in_use', 'not_on_sale'],
})

export const addTicketType = operation({
  id: 'addTicketType',
  method: 'post',
  path: '/v1/events/{id}/ticket-types',
  tag,
  summary: 'Add a ticket type to an event',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  noun,
  params: byId,
  body: ticketTypeBody,
  bodyExample: { name: 'Sunday', price: 3900, capacity: 800 },
  answers: { 201: { description: 'The ticket type', schema: managedTicketType, example: ticketTypeExample } },
  problems: ['invalid_transition'],
})

export const updateTicketType = operation({
  id: 'updateTicketType',
  method: 'patch',
  path: '/v1/events/{id}/ticket-types/{ticketTypeId}',
  tag,
  summary: 'Change a ticket type',
  description:
    'What was booked stays booked, at its price. A capacity below what is held or sold is refused, with `sold`. A limit per customer counts what each holds already.',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  noun: 'ticket type',
  params: z.strictObject({ id: idInput, ticketTypeId: idInput }),
  body: z.strictObject({
    name: fields.name.optional(),
    price: fields.price.optional(),
    capacity: fields.capacity.optional(),
    active: z.boolean().optional(),
    saleStartsAt: instantInput.nullable().optional(),
    saleEndsAt: instantInput.nullable().optional(),
    minPerBooking: perBooking.optional(),
    maxPerBooking: perBooking.optional(),
    maxPerCustomer: perCustomer.nullable().optional(),
  }),
  bodyExample: { capacity: 900 },
  answers: {
    200: {
      description: 'The ticket type',
      schema: managedTicketType,
      example: { ...ticketTypeExample, capacity: 900 },
    },
  },
  problems: ['invalid_transition', 'in_use'],
})

export const cancelEvent = operation({
  id: 'cancelEvent',
  method: 'post',
  path: '/v1/events/{id}/cancel',
  tag,
  summary: 'Cancel an event and its bookings',
  description:
    'It is off sale at once. Its bookings are cancelled and refunded, fee included, in batches; the buyers are told the reason. An API key needs the scope `refunds:write`, too.',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  noun,
  params: byId,
  body: z.strictObject({ reason: reasonText }),
  bodyExample: { reason: 'A storm is coming' },
  answers: { 202: { description: 'How far it is', schema: cancellation, example: cancellationExample } },
  problems: ['invalid_transition', 'not_on_sale'],
})

export const getEventCancellation = operation({
  id: 'getEventCancellation',
  method: 'get',
  path: '/v1/events/{id}/cancellation',
  tag,
  summary: 'Look up how far the cancellation of an event is',
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun: 'cancellation',
  params: byId,
  answers: { 200: { description: 'How far it is', schema: cancellation, example: cancellationExample } },
  problems: [],
})

export const listOrganizerEvents = operation({
  id: 'listOrganizerEvents',
  method: 'get',
  path: '/v1/organizer/events',
  tag,
  summary: "List an organizer's events",
  description: 'The earliest first, drafts and cancelled ones too.',
  access: 'organizer',
  scope: 'catalogue:read',
  limit: 'read',
  query: z.strictObject({
    ...page,
    organizerId: organizerIdQuery,
    status: z.enum(['draft', 'published', 'cancelled']).optional(),
    from: instantInput.optional().meta({ description: 'Starts at or after this' }),
    to: instantInput.optional().meta({ description: 'Starts before this' }),
  }),
  answers: {
    200: { description: 'A page', schema: pageOf(managedEvent), example: { items: [example], nextCursor: null } },
  },
  problems: ['not_found'],
})

export const getOrganizerEvent = operation({
  id: 'getOrganizerEvent',
  method: 'get',
  path: '/v1/organizer/events/{id}',
  tag,
  summary: "Look up an organizer's event",
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun,
  params: byId,
  answers: { 200: { description: 'The event', schema: managedEvent, example } },
  problems: [],
})
