import { z } from 'zod'
import { emailInput } from '../email.ts'
import { byId, page, pageOf, textLine } from '../fields.ts'
import { operation } from '../operation.ts'
import { organizer } from '../schemas/management.ts'

const tag = 'Organizers'
const noun = 'organizer'

const example = {
  id: '01890000-0000-7000-8000-0000000000b1',
  name: 'Farol Cinemas',
  feeBasisPoints: 300,
  contactEmail: 'farol@example.org',
  createdAt: '2026-11-22T18:00:00.000Z',
}

const name = textLine(200).meta({ example: 'Farol Cinemas' })
const feeBasisPoints = z.int().min(0).max(10_000).meta({ example: 300 })
const contactEmail = emailInput.nullable().optional().meta({
  description: 'Whom buyers ask: named in their mail, which is answered to it, and on their tickets. null: nobody',
})

export const create = operation({
  id: 'createOrganizer',
  method: 'post',
  path: '/v1/organizers',
  tag,
  summary: 'Make an organizer',
  access: 'admin',
  scope: null,
  limit: 'write',
  keyed: true,
  body: z.strictObject({ name, feeBasisPoints: feeBasisPoints.default(300), contactEmail }),
  bodyExample: { name: 'Farol Cinemas', feeBasisPoints: 300, contactEmail: 'farol@example.org' },
  answers: { 201: { description: 'The organizer', schema: organizer, example } },
  problems: [],
})

export const list = operation({
  id: 'listOrganizers',
  method: 'get',
  path: '/v1/organizers',
  tag,
  summary: 'List organizers',
  description: 'The newest first.',
  access: 'admin',
  scope: null,
  limit: 'read',
  query: z.strictObject(page),
  answers: {
    200: { description: 'A page', schema: pageOf(organizer), example: { items: [example], nextCursor: null } },
  },
  problems: [],
})

export const get = operation({
  id: 'getOrganizer',
  method: 'get',
  path: '/v1/organizers/{id}',
  tag,
  summary: 'Look up an organizer',
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun,
  params: byId,
  answers: { 200: { description: 'The organizer', schema: organizer, example } },
  problems: [],
})

export const update = operation({
  id: 'updateOrganizer',
  method: 'patch',
  path: '/v1/organizers/{id}',
  tag,
  summary: 'Change an organizer',
  description: 'The fee is for admins to change; it counts for what is booked from then on.',
  access: 'organizerOwn',
  scope: 'organizer:write',
  limit: 'write',
  noun,
  params: byId,
  body: z.strictObject({ name: name.optional(), feeBasisPoints: feeBasisPoints.optional(), contactEmail }),
  bodyExample: { contactEmail: 'farol@example.org' },
  answers: { 200: { description: 'The organizer', schema: organizer, example } },
  problems: [],
})
