import { z } from 'zod'
import { byId, longText, page, pageOf, textLine } from '../fields.ts'
import { operation } from '../operation.ts'
import { venue } from '../schemas/management.ts'
import { organizerIdInput, organizerIdQuery, timeZoneInput } from '../schemas/management-parts.ts'

const tag = 'Venues'

const venueExample = {
  id: '01890000-0000-7000-8000-000000000021',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  name: 'Farol Cinema',
  address: 'Rua do Farol 1, Lisboa',
  timeZone: 'Europe/Lisbon',
  createdAt: '2026-11-22T18:00:00.000Z',
}

const name = textLine(200)
const address = longText(500)

export const create = operation({
  id: 'createVenue',
  method: 'post',
  path: '/v1/venues',
  tag,
  summary: 'Make a venue',
  access: 'organizer',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  body: z.strictObject({ organizerId: organizerIdInput, name, address: address.default(''), timeZone: timeZoneInput }),
  bodyExample: { name: 'Farol Cinema', address: 'Rua do Farol 1, Lisboa', timeZone: 'Europe/Lisbon' },
  answers: { 201: { description: 'The venue', schema: venue, example: venueExample } },
  problems: ['not_found'],
})

export const list = operation({
  id: 'listVenues',
  method: 'get',
  path: '/v1/venues',
  tag,
  summary: 'List venues',
  description: 'The newest first.',
  access: 'organizer',
  scope: 'catalogue:read',
  limit: 'read',
  query: z.strictObject({ ...page, organizerId: organizerIdQuery }),
  answers: {
    200: { description: 'A page', schema: pageOf(venue), example: { items: [venueExample], nextCursor: null } },
  },
  problems: ['not_found'],
})

export const get = operation({
  id: 'getVenue',
  method: 'get',
  path: '/v1/venues/{id}',
  tag,
  summary: 'Look up a venue',
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun: 'venue',
  params: byId,
  answers: { 200: { description: 'The venue', schema: venue, example: venueExample } },
  problems: [],
})

export const update = operation({
  id: 'updateVenue',
  method: 'patch',
  path: '/v1/venues/{id}',
  tag,
  summary: 'Change a venue',
  description: 'Another time zone changes how tickets print times, and moves no showtime.',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  noun: 'venue',
  params: byId,
  body: z.strictObject({
    name: name.optional(),
    address: address.optional(),
    timeZone: timeZoneInput.optional(),
  }),
  bodyExample: { address: 'Rua do Farol 3, Lisboa' },
  answers: { 200: { description: 'The venue', schema: venue, example: venueExample } },
  problems: [],
})
