import { z } from 'zod'
import { changing, creating, exampleOf } from '@boxoffice/core/fields/field.ts'
import { idInput } from '@boxoffice/core/fields/values.ts'
import { AUDITORIUM } from '@boxoffice/core/fields/venue.ts'
import { byId, page } from '../fields.ts'
import { operation } from '../operation.ts'
import { plainOperations } from '../plain-operations.ts'
import { auditorium } from '../schemas/management.ts'
import { layout, layoutBody, layoutVersion } from '../schemas/management-layout.ts'
import { organizerIdInput, organizerIdQuery } from '../schemas/management-parts.ts'

const tag = 'Venues'

const layoutExample = {
  categories: ['Standard', 'Balcony'],
  rows: [
    {
      label: 'A',
      seats: [
        { number: 1, x: 0, y: 0, category: 'Standard', disabled: false, accessible: true },
        { number: 2, x: 1, y: 0, category: 'Standard', disabled: false, accessible: false },
      ],
    },
    {
      label: '1',
      section: 'Balcony',
      seats: [{ number: '5A', x: 0, y: 1, category: 'Balcony', disabled: false, accessible: false }],
    },
  ],
  areas: [
    {
      label: 'Floor',
      category: 'Standard',
      capacity: 400,
      shape: [
        [0, 2],
        [4, 2],
        [4, 4],
        [0, 4],
      ],
    },
  ],
  focus: { x: 0.5, y: -2 },
}

const versionExample = {
  version: 1,
  categories: [
    { id: '01890000-0000-7000-8000-000000000002', name: 'Standard', seats: 2 },
    { id: '01890000-0000-7000-8000-000000000003', name: 'Balcony', seats: 1 },
  ],
  rows: 2,
  seats: 3,
  areas: 1,
  areaCapacity: 400,
  createdAt: '2026-11-22T18:00:00.000Z',
}

const auditoriumExample = {
  id: '01890000-0000-7000-8000-000000000022',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  ...exampleOf(AUDITORIUM),
  layoutVersion: null,
  createdAt: '2026-11-22T18:00:00.000Z',
}

export const { create, list, get, update } = plainOperations({
  noun: 'auditorium',
  path: '/v1/auditoriums',
  tag,
  view: auditorium,
  example: auditoriumExample,
  create: z.strictObject({ organizerId: organizerIdInput, ...creating(AUDITORIUM) }),
  createExample: exampleOf(AUDITORIUM),
  change: z.strictObject(changing(AUDITORIUM)),
  changeExample: { name: 'Grand Hall' },
  query: z.strictObject({ ...page, organizerId: organizerIdQuery, venueId: idInput.optional() }),
  // Built on a venue of an organizer: another one's does not exist.
  access: { create: 'organizerOwn', list: 'organizer', get: 'organizerOwn' },
  but: {
    create: { description: 'It has no seats until a layout is imported.' },
    update: { summary: 'Rename an auditorium' },
  },
})

const ofAuditorium = { tag, access: 'organizerOwn', noun: 'auditorium', params: byId } as const
const read = { ...ofAuditorium, scope: 'catalogue:read', limit: 'read' } as const
const write = { ...ofAuditorium, scope: 'catalogue:write', limit: 'write' } as const

const versionQuery = z
  .string()
  .regex(/^[1-9]\d{0,8}$/, { error: 'Must be a version, such as 1' })
  .transform(Number)
  .optional()

export const importLayout = operation({
  ...write,
  id: 'importLayout',
  method: 'put',
  path: '/v1/auditoriums/{id}/layout',
  summary: 'Import the seating of an auditorium',
  description:
    'Seating that differs from the latest version becomes a new version, for showtimes created from then on; others keep theirs until `layoutVersion` moves them. Every mistake is reported with its row and seat. An organizer imports one layout after the other. Also takes a list of seats as `text/csv`, and a seating plan of pretix as JSON.',
  query: z.strictObject({
    format: z
      .enum(['boxoffice', 'pretix'])
      .optional()
      .meta({ description: 'Format of a JSON body; by default, one with `zones` is a seating plan of pretix' }),
  }),
  body: layoutBody,
  alsoTakes: ['text/csv'],
  maxBodyBytes: 8 * 1024 * 1024,
  bodyExample: layoutExample,
  answers: {
    200: {
      description: 'Unchanged: the latest version',
      schema: layoutVersion,
      example: versionExample,
    },
    201: { description: 'A new version', schema: layoutVersion, example: versionExample },
  },
  problems: ['too_many_versions', 'overloaded'],
})

export const exportLayout = operation({
  ...read,
  id: 'exportLayout',
  method: 'get',
  path: '/v1/auditoriums/{id}/layout',
  summary: 'Export the seating of an auditorium',
  description: 'In the form that an import takes.',
  query: z.strictObject({
    version: versionQuery.meta({ override: { type: 'integer', minimum: 1 }, description: 'The latest by default' }),
  }),
  answers: { 200: { description: 'The seating', schema: layout, example: layoutExample } },
  problems: [],
})

export const listLayouts = operation({
  ...read,
  id: 'listLayouts',
  method: 'get',
  path: '/v1/auditoriums/{id}/layouts',
  summary: 'List the versions of the seating of an auditorium',
  description: 'Latest first, with the ids of their seat categories; at most 100. `before` leads to older ones.',
  query: z.strictObject({
    before: versionQuery.meta({
      override: { type: 'integer', minimum: 1 },
      description: 'Only versions below this one',
    }),
  }),
  answers: {
    200: {
      description: 'The versions',
      schema: z.strictObject({ items: z.array(layoutVersion) }),
      example: { items: [versionExample] },
    },
  },
  problems: [],
})

export const deleteLayout = operation({
  ...write,
  id: 'deleteLayout',
  method: 'delete',
  path: '/v1/auditoriums/{id}/layouts/{version}',
  summary: 'Delete a version of the seating of an auditorium',
  description: 'Only a version that no showtime uses, and not the latest.',
  noun: 'version of the seating',
  params: z.strictObject({
    id: idInput,
    version: z
      .string()
      .regex(/^[1-9]\d{0,8}$/)
      .transform(Number)
      .meta({ override: { type: 'integer', minimum: 1 } }),
  }),
  answers: { 204: { description: 'Deleted' } },
  problems: ['layout_in_use'],
})
