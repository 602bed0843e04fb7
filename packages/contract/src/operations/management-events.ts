import { z } from 'zod'
import {
  EVENT,
  EVENT_HOUSE,
  eventRules,
  MAX_TICKET_TYPES,
  QUOTAS,
  TICKET_TYPE,
  ticketTypeRules,
} from '@boxoffice/core/fields/event.ts'
import { type Broken, type Changes, changing, creating, exampleOf, rulesOf } from '@boxoffice/core/fields/field.ts'
import { LANE, TERMS, termsRules } from '@boxoffice/core/fields/resource.ts'
import { idInput } from '@boxoffice/core/fields/values.ts'
import { byId } from '../fields.ts'
import { operation } from '../operation.ts'
import { resourceOperations } from '../resource-operations.ts'
import { managedEvent, managedTicketType } from '../schemas/management.ts'
import { organizerIdInput } from '../schemas/management-parts.ts'

const tag = 'Events'
const write = { tag, scope: 'catalogue:write', limit: 'write' } as const

const ticketTypeExample = { id: '01890000-0000-7000-8000-000000000003', ...exampleOf(TICKET_TYPE), sold: 0 }

const example = {
  id: '01890000-0000-7000-8000-000000000030',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  ...exampleOf({ ...EVENT, ...EVENT_HOUSE, ...TERMS, ...LANE }),
  seats: { total: 0, sold: 0, kept: 0 },
  areas: [],
  onSale: false,
  ticketTypes: [ticketTypeExample],
  ...exampleOf(QUOTAS),
  version: 0,
  createdAt: '2026-11-22T18:00:00.000Z',
}

const ticketType = z.strictObject(creating(TICKET_TYPE)).superRefine(rulesOf(TICKET_TYPE, ticketTypeRules))

function* eventAndTermsRules(event: Changes<typeof EVENT & typeof TERMS>): Iterable<Broken> {
  yield* eventRules(event)
  yield* termsRules(event)
}

export const create = operation({
  ...write,
  id: 'createEvent',
  method: 'post',
  path: '/v1/events',
  summary: 'Create an event with its ticket types',
  access: 'organizer',
  keyed: true,
  body: z
    .strictObject({
      organizerId: organizerIdInput,
      ...creating({ ...EVENT, ...EVENT_HOUSE }),
      ticketTypes: z.array(ticketType).max(MAX_TICKET_TYPES).default([]),
      ...creating(QUOTAS),
      ...creating({ ...TERMS, ...LANE }),
    })
    .superRefine(rulesOf({ ...EVENT, ...TERMS }, eventAndTermsRules)),
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

export const {
  update,
  cancel,
  cancellation: getCancellation,
  pause,
  drain,
  resume,
  line: getLine,
  keepPlaces,
  blocks,
  giveBack,
  list,
  get,
} = resourceOperations({
  noun: 'event',
  tag,
  onSale: 'published',
  view: managedEvent,
  example,
  change: z
    .strictObject(changing({ ...EVENT, ...EVENT_HOUSE, ...QUOTAS, ...TERMS }))
    .superRefine(rulesOf({ ...EVENT, ...TERMS })),
  changeDescription:
    'What was booked stays booked. `status`: `published` puts it on sale, `draft` takes it off while nothing is booked, `cancelled` cancels it as `POST …/cancel` does and must be sent alone. `startsAt` can be changed until the start. `quotas` replaces all quotas; a capacity below what is held or sold is refused, with `sold`.',
  untaken: { '/ticketTypes': 'Ticket types are added and changed one by one, under `…/ticket-types`' },
  changeProblems: [],
  reason: 'A storm is coming',
})

export const addTicketType = operation({
  ...write,
  id: 'addTicketType',
  method: 'post',
  path: '/v1/events/{id}/ticket-types',
  summary: 'Add a ticket type to an event',
  access: 'organizerOwn',
  keyed: true,
  noun: 'event',
  params: byId,
  body: ticketType,
  bodyExample: { name: 'Sunday', price: 3900, capacity: 800 },
  answers: { 201: { description: 'The ticket type', schema: managedTicketType, example: ticketTypeExample } },
  problems: ['invalid_transition'],
})

export const updateTicketType = operation({
  ...write,
  id: 'updateTicketType',
  method: 'patch',
  path: '/v1/events/{id}/ticket-types/{ticketTypeId}',
  summary: 'Change a ticket type',
  description:
    'What was booked stays booked, at its price. A capacity below what is held or sold is refused, with `sold`. A limit per customer counts what each holds already.',
  access: 'organizerOwn',
  noun: 'ticket type',
  params: z.strictObject({ id: idInput, ticketTypeId: idInput }),
  body: z.strictObject(changing(TICKET_TYPE)),
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
