import { z } from 'zod'
import { changing, creating, exampleOf, rulesOf } from '@boxoffice/core/fields/field.ts'
import { VENUE } from '@boxoffice/core/fields/venue.ts'
import { page } from '../fields.ts'
import { plainOperations } from '../plain-operations.ts'
import { venue } from '../schemas/management.ts'
import { organizerIdInput, organizerIdQuery } from '../schemas/management-parts.ts'

const tag = 'Venues'

export const { create, list, get, update } = plainOperations({
  noun: 'venue',
  path: '/v1/venues',
  tag,
  view: venue,
  example: {
    id: '01890000-0000-7000-8000-000000000021',
    organizerId: '01890000-0000-7000-8000-0000000000b1',
    ...exampleOf(VENUE),
    createdAt: '2026-11-22T18:00:00.000Z',
  },
  create: z.strictObject({ organizerId: organizerIdInput, ...creating(VENUE) }).superRefine(rulesOf(VENUE)),
  createExample: exampleOf(VENUE),
  change: z.strictObject(changing(VENUE)).superRefine(rulesOf(VENUE)),
  changeExample: { address: 'Rua do Farol 3, Lisboa' },
  query: z.strictObject({ ...page, organizerId: organizerIdQuery }),
  access: { create: 'organizer', list: 'organizer', get: 'organizerOwn' },
  but: { update: { description: 'A new time zone changes how tickets print times, and moves no showtime.' } },
})
