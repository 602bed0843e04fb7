import { z } from 'zod'
import { byId, page, pageOf } from '../fields.ts'
import { operation } from '../operation.ts'
import { parked, parkedKind } from '../schemas/parked.ts'

const tag = 'Operations'

const example = {
  id: '01890000-0000-7000-8000-0000000000a1',
  kind: 'event',
  subjectId: '01890000-0000-7000-8000-0000000000e1',
  entityId: '01890000-0000-7000-8000-0000000000c1',
  type: 'booking.confirmed',
  reference: 'K7QXM2PA',
  failures: 6,
  error: 'The database failed it: 57014.',
  firstFailedAt: '2026-11-22T18:00:00.000Z',
  failedAt: '2026-11-22T18:12:40.000Z',
  retryAt: null,
} as const

export const list = operation({
  id: 'listParked',
  method: 'get',
  path: '/v1/parked',
  tag,
  summary: 'List parked work',
  description: 'Work that failed each time, also alone, and is no longer retried automatically; newest first.',
  access: 'admin',
  scope: null,
  limit: 'read',
  query: z.strictObject({ ...page, kind: parkedKind.optional() }),
  answers: {
    200: { description: 'A page', schema: pageOf(parked), example: { items: [example], nextCursor: null } },
  },
  problems: [],
})

export const retry = operation({
  id: 'retryParked',
  method: 'post',
  path: '/v1/parked/{id}/retry',
  tag,
  summary: 'Retry parked work',
  description:
    'The next run takes it within seconds, with all its tries again. Once done, it disappears from the list. Retrying what is already due changes nothing.',
  access: 'admin',
  scope: null,
  limit: 'write',
  keyed: true,
  noun: 'parked work',
  params: byId,
  body: z.strictObject({}).optional(),
  bodyExample: {},
  answers: {
    200: {
      description: 'The work, due',
      schema: parked,
      example: { ...example, failures: 0, retryAt: '2026-11-22T19:00:00.000Z' },
    },
  },
  problems: ['not_found'],
})
