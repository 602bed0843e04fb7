import { z } from 'zod'
import { byId, idInput, page, pageOf, textLine } from '../fields.ts'
import { operation } from '../operation.ts'
import { auditorium } from '../schemas/management.ts'
import { layout, layoutBody, layoutVersion } from '../schemas/management-layout.ts'
import { organizerIdInput, organizerIdQuery } from '../schemas/management-parts.ts'

const tag = 'Venues'

const auditoriumExample = {
  id: '01890000-0000-7000-8000-000000000022',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  venueId: '01890000-0000-7000-8000-000000000021',
  name: 'One',
  layoutVersion: 1,
  createdAt: '2026-11-22T18:00:00.000Z',
}

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
    { label: 'B', seats: [{ number: 1, x: 0, y: 1, category: 'Balcony', disabled: false, accessible: false }] },
  ],
}

const versionExample = {
  version: 1,
  categories: [
    { id: '01890000-0000-7000-8000-000000000002', name: 'Standard', seats: 2 },
    { id: '01890000-0000-7000-8000-000000000003', name: 'Balcony', seats: 1 },
  ],
  rows: 2,
  seats: 3,
  createdAt: '2026-11-22T18:00:00.000Z',
}

const name = textLine(200)

export const create = operation({
  id: 'createAuditorium',
  method: 'post',
  path: '/v1/auditoriums',
  tag,
  summary: 'Make an auditorium',
  description: 'It has no seats until a layout is imported.',
  // Built on things of an organizer: another one's do not exist.
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  body: z.strictObject({ organizerId: organizerIdInput, venueId: idInput, name }),
  bodyExample: { venueId: '01890000-0000-7000-8000-000000000021', name: 'One' },
  answers: {
    201: { description: 'The auditorium', schema: auditorium, example: { ...auditoriumExample, layoutVersion: null } },
  },
  problems: ['not_found'],
})

export const list = operation({
  id: 'listAuditoriums',
  method: 'get',
  path: '/v1/auditoriums',
  tag,
  summary: 'List auditoriums',
  description: 'The newest first.',
  access: 'organizer',
  scope: 'catalogue:read',
  limit: 'read',
  query: z.strictObject({ ...page, organizerId: organizerIdQuery, venueId: idInput.optional() }),
  answers: {
    200: {
      description: 'A page',
      schema: pageOf(auditorium),
      example: { items: [auditoriumExample], nextCursor: null },
    },
  },
  problems: ['not_found'],
})

export const get = operation({
  id: 'getAuditorium',
  method: 'get',
  path: '/v1/auditoriums/{id}',
  tag,
  summary: 'Look up an auditorium',
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun: 'auditorium',
  params: byId,
  answers: { 200: { description: 'The auditorium', schema: auditorium, example: auditoriumExample } },
  problems: [],
})

export const update = operation({
  id: 'updateAuditorium',
  method: 'patch',
  path: '/v1/auditoriums/{id}',
  tag,
  summary: 'Rename an auditorium',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  noun: 'auditorium',
  params: byId,
  body: z.strictObject({ name: name.optional() }),
  bodyExample: { name: 'Grand Hall' },
  answers: { 200: { description: 'The auditorium', schema: auditorium, example: auditoriumExample } },
  problems: [],
})

export const importLayout = operation({
  id: 'importLayout',
  method: 'put',
  path: '/v1/auditoriums/{id}/layout',
  tag,
  summary: 'Import the seating of an auditorium',
  description:
    'Seating that differs from the latest version becomes a new one, for showtimes made from then on; others keep theirs until they are moved by `layoutVersion`. Every mistake is told with its row and seat. An organizer imports one after the other.',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  noun: 'auditorium',
  params: byId,
  body: layoutBody,
  maxBodyBytes: 8 * 1024 * 1024,
  bodyExample: layoutExample,
  answers: {
    200: {
      description: 'Nothing has changed: the version that is there',
      schema: layoutVersion,
      example: versionExample,
    },
    201: { description: 'A new version', schema: layoutVersion, example: versionExample },
  },
  problems: ['too_many_versions', 'overloaded'],
})

export const exportLayout = operation({
  id: 'exportLayout',
  method: 'get',
  path: '/v1/auditoriums/{id}/layout',
  tag,
  summary: 'Export the seating of an auditorium',
  description: 'As an import takes it.',
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun: 'auditorium',
  params: byId,
  query: z.strictObject({
    version: z
      .string()
      .regex(/^[1-9]\d{0,8}$/, { error: 'Must be a version, such as 1' })
      .transform(Number)
      .optional()
      .meta({ override: { type: 'integer', minimum: 1 }, description: 'The latest unless given' }),
  }),
  answers: { 200: { description: 'The seating', schema: layout, example: layoutExample } },
  problems: [],
})

export const listLayouts = operation({
  id: 'listLayouts',
  method: 'get',
  path: '/v1/auditoriums/{id}/layouts',
  tag,
  summary: 'List the versions of the seating of an auditorium',
  description: 'The latest first, with the ids of their seat categories; at most 100, `before` leads to older ones.',
  access: 'organizerOwn',
  scope: 'catalogue:read',
  limit: 'read',
  noun: 'auditorium',
  params: byId,
  query: z.strictObject({
    before: z
      .string()
      .regex(/^[1-9]\d{0,8}$/, { error: 'Must be a version, such as 1' })
      .transform(Number)
      .optional()
      .meta({ override: { type: 'integer', minimum: 1 }, description: 'Only versions below this one' }),
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
  id: 'deleteLayout',
  method: 'delete',
  path: '/v1/auditoriums/{id}/layouts/{version}',
  tag,
  summary: 'Delete a version of the seating of an auditorium',
  description: 'One that no showtime uses, and not the latest.',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  noun: 'version of the seating',
  params: z.strictObject({
    id: idInput,
    version: z
      .string()
      .regex(/^[1-9]\d{0,8}$/)
      .transform(Number)
      .meta({ override: { type: 'integer', minimum: 1 } }),
  }),
  answers: { 204: { description: 'It is deleted' } },
  problems: ['layout_in_use'],
})
