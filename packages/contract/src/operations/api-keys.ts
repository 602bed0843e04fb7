import { z } from 'zod'
import { SCOPES, SCOPES_OF } from '@boxoffice/core/domain/role.ts'
import { idInput, storedInstantInput, textLine } from '@boxoffice/core/fields/values.ts'
import { byId, page, pageOf } from '../fields.ts'
import { operation } from '../operation.ts'
import { apiKey, newApiKey } from '../schemas/api-key.ts'

const tag = 'API keys'
const noun = 'API key'

const example = {
  id: '01890000-0000-7000-8000-0000000000a1',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  name: 'Ticket shop',
  prefix: 'bo_7KQ2XM9PWT',
  role: 'organizer',
  scopes: ['bookings:read', 'bookings:write'],
  createdAt: '2026-11-22T18:00:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
}

export const create = operation({
  id: 'createApiKey',
  method: 'post',
  path: '/v1/api-keys',
  tag,
  summary: 'Create an API key',
  description:
    'Creates a key for machines. Send it as `Authorization: Bearer`, like a token. It acts with its role for its organizer, within its scopes.',
  access: 'organizer',
  scope: null,
  limit: 'write',
  keyed: true,
  body: z
    .strictObject({
      organizerId: idInput.optional().meta({ description: 'For admins' }),
      name: textLine(100),
      role: z.enum(['staff', 'organizer']).default('organizer'),
      scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
      expiresAt: storedInstantInput.nullable().default(null),
    })
    .superRefine(({ role, scopes }, context) => {
      for (const [index, scope] of scopes.entries()) {
        if (SCOPES_OF[role].includes(scope)) continue
        const message = `A key of the role ${role} can never use ${scope}`
        context.addIssue({ code: 'custom', path: ['scopes', index], message })
      }
    })
    .transform((body) => ({ ...body, scopes: SCOPES.filter((scope) => body.scopes.includes(scope)) })),
  bodyExample: { name: 'Ticket shop', role: 'organizer', scopes: ['bookings:read', 'bookings:write'] },
  answers: {
    201: {
      description: 'The key. Keep `key`: it is not shown again',
      schema: newApiKey,
      example: { ...example, key: 'bo_7KQ2XM9PWT_vJ2nT0Yb1cXqT9sGm3iH4kL5oP6rS7tU8wZ9aB0cD1e' },
    },
  },
  problems: ['not_found'],
})

export const list = operation({
  id: 'listApiKeys',
  method: 'get',
  path: '/v1/api-keys',
  tag,
  summary: 'List API keys',
  description: 'Newest first, including revoked ones.',
  access: 'organizer',
  scope: null,
  limit: 'read',
  query: z.strictObject({ ...page, organizerId: idInput.optional().meta({ description: 'For admins' }) }),
  answers: {
    200: { description: 'A page', schema: pageOf(apiKey), example: { items: [example], nextCursor: null } },
  },
  problems: ['not_found'],
})

export const get = operation({
  id: 'getApiKey',
  method: 'get',
  path: '/v1/api-keys/{id}',
  tag,
  summary: 'Look up an API key',
  access: 'organizerOwn',
  scope: null,
  limit: 'read',
  noun,
  params: byId,
  answers: { 200: { description: 'The key', schema: apiKey, example } },
  problems: [],
})

export const revoke = operation({
  id: 'revokeApiKey',
  method: 'delete',
  path: '/v1/api-keys/{id}',
  tag,
  summary: 'Revoke an API key',
  description: 'The key is refused everywhere within five seconds. Revoking it again changes nothing.',
  access: 'organizerOwn',
  scope: null,
  limit: 'write',
  noun,
  params: byId,
  answers: {
    200: {
      description: 'The key, revoked',
      schema: apiKey,
      example: { ...example, revokedAt: '2026-11-23T09:00:00.000Z' },
    },
  },
  problems: [],
})
