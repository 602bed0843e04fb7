import { byId } from '../fields.ts'
import { operation } from '../operation.ts'
import { eventAvailability, showtimeAvailability } from '../schemas/availability.ts'

const tag = 'Availability'
const conditional = 'Has an `ETag`; `If-None-Match` returns 304 while nothing has changed.'
const streamed =
  'Server-sent events whose id is the version: `snapshot` with all of it, then `change` with what is new. With `Last-Event-ID` it goes on from there, or begins anew where that is too long ago.'

const showtimeExample = {
  version: 3,
  onSale: true,
  taken: ['E5', 'E6'],
  categories: [
    { id: '01890000-0000-7000-8000-000000000002', name: 'Standard', price: 1200, total: 183, available: 181 },
    { id: '01890000-0000-7000-8000-000000000004', name: 'Standing', price: 900, total: 400, available: 380 },
  ],
  areas: [{ label: 'Floor', categoryId: '01890000-0000-7000-8000-000000000004', capacity: 400, available: 380 }],
}

const eventExample = {
  version: 7,
  ticketTypes: [
    {
      id: '01890000-0000-7000-8000-000000000003',
      name: 'Saturday',
      price: 3900,
      capacity: 800,
      sold: 0,
      available: 800,
      onSale: false,
      saleStartsAt: '2026-12-22T09:00:00.000Z',
      saleEndsAt: null,
    },
  ],
}

export const getOfShowtime = operation({
  id: 'getShowtimeAvailability',
  method: 'get',
  path: '/v1/showtimes/{id}/availability',
  tag,
  summary: 'Look up which seats of a showtime are taken',
  description: conditional,
  access: 'anyone',
  scope: null,
  limit: 'read',
  noun: 'showtime',
  params: byId,
  answers: {
    200: { description: 'Taken seats and remaining counts', schema: showtimeAvailability, example: showtimeExample },
    304: { description: 'Unchanged' },
  },
  problems: [],
})

export const getOfEvent = operation({
  id: 'getEventAvailability',
  method: 'get',
  path: '/v1/events/{id}/availability',
  tag,
  summary: 'Look up what is left of an event',
  description: `An event with a house has \`taken\`, \`categories\` and \`areas\` besides. ${conditional}`,
  access: 'anyone',
  scope: null,
  limit: 'read',
  noun: 'event',
  params: byId,
  answers: {
    200: { description: 'Remaining tickets of each type', schema: eventAvailability, example: eventExample },
    304: { description: 'Unchanged' },
  },
  problems: [],
})

export const streamOfShowtime = operation({
  id: 'streamShowtimeAvailability',
  method: 'get',
  path: '/v1/showtimes/{id}/availability/stream',
  tag,
  summary: 'Follow which seats of a showtime are taken',
  description: streamed,
  access: 'anyone',
  scope: null,
  limit: 'stream',
  noun: 'showtime',
  params: byId,
  answers: {
    200: {
      description: 'The stream',
      contentType: 'text/event-stream',
      example: `id: 3\nevent: snapshot\ndata: ${JSON.stringify(showtimeExample)}\n\n`,
    },
  },
  problems: ['overloaded'],
})

export const streamOfEvent = operation({
  id: 'streamEventAvailability',
  method: 'get',
  path: '/v1/events/{id}/availability/stream',
  tag,
  summary: 'Follow what is left of an event',
  description: streamed,
  access: 'anyone',
  scope: null,
  limit: 'stream',
  noun: 'event',
  params: byId,
  answers: {
    200: {
      description: 'The stream',
      contentType: 'text/event-stream',
      example: `id: 7\nevent: snapshot\ndata: ${JSON.stringify(eventExample)}\n\n`,
    },
  },
  problems: ['overloaded'],
})
