import { z } from 'zod'
import { changing, creating, exampleOf } from '@boxoffice/core/fields/field.ts'
import { ORGANIZER } from '@boxoffice/core/fields/organizer.ts'
import { page } from '../fields.ts'
import { plainOperations } from '../plain-operations.ts'
import { organizer } from '../schemas/management.ts'

const example = exampleOf(ORGANIZER)

export const { create, list, get, update } = plainOperations({
  noun: 'organizer',
  path: '/v1/organizers',
  tag: 'Organizers',
  view: organizer,
  example: { id: '01890000-0000-7000-8000-0000000000b1', ...example, createdAt: '2026-11-22T18:00:00.000Z' },
  create: z.strictObject(creating(ORGANIZER)),
  createExample: example,
  change: z.strictObject(changing(ORGANIZER)),
  changeExample: { contactEmail: 'farol@example.org' },
  query: z.strictObject(page),
  access: { create: 'admin', list: 'admin', get: 'organizerOwn' },
  but: {
    create: { scope: null },
    list: { scope: null },
    update: {
      scope: 'organizer:write',
      description: 'Only admins change the fee; it applies to what is booked from then on.',
    },
  },
})
