import { z } from 'zod'
import { MAX_WEBHOOK_ENDPOINTS } from '@boxoffice/core/domain/webhook-endpoint.ts'
import { changing, creating, exampleOf } from '@boxoffice/core/fields/field.ts'
import { idInput, instantInput } from '@boxoffice/core/fields/values.ts'
import { WEBHOOK_ENDPOINT } from '@boxoffice/core/fields/webhook-endpoint.ts'
import { byId, page, pageOf } from '../fields.ts'
import { operation } from '../operation.ts'
import {
  endpointStatus,
  newWebhookEndpoint,
  webhookDelivery,
  webhookDeliveryLog,
  webhookEndpoint,
  webhookSecret,
} from '../schemas/webhook.ts'

const tag = 'Webhooks'
const scope = 'webhooks:write'
const noun = 'webhook endpoint'
const example = {
  id: '01890000-0000-7000-8000-0000000000d1',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  ...exampleOf(WEBHOOK_ENDPOINT),
  status: 'active',
  disabledReason: null,
  failingSince: null,
  createdAt: '2026-11-22T18:00:00.000Z',
  updatedAt: '2026-11-22T18:00:00.000Z',
} as const
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='

const delivered = {
  id: '01890000-0000-7000-8000-0000000000f1',
  endpointId: example.id,
  eventId: '01890000-0000-7000-8000-0000000000e1',
  eventType: 'booking.confirmed',
  entityId: '01890000-0000-7000-8000-0000000000c1',
  seq: 3,
  replayOf: null,
  status: 'delivered',
  attempts: 1,
  nextAttemptAt: null,
  lastAttemptAt: '2026-11-22T18:00:01.000Z',
  lastStatusCode: 200,
  lastError: null,
  createdAt: '2026-11-22T18:00:00.000Z',
  deliveredAt: '2026-11-22T18:00:01.000Z',
} as const
const pending = {
  ...delivered,
  status: 'pending',
  attempts: 0,
  nextAttemptAt: '2026-11-22T18:00:00.000Z',
  lastAttemptAt: null,
  lastStatusCode: null,
  deliveredAt: null,
} as const

export const createEndpoint = operation({
  id: 'createWebhookEndpoint',
  method: 'post',
  path: '/v1/webhook-endpoints',
  tag,
  summary: 'Register a webhook endpoint',
  description: `Events from now on are posted there, signed with \`secret\` as Standard Webhooks 1.0.0 defines. An admin's endpoint without an \`organizerId\` gets the events of all organizers. An organizer has at most ${MAX_WEBHOOK_ENDPOINTS} that are not deleted, and so have all together.`,
  access: 'organizer',
  scope,
  limit: 'write',
  keyed: true,
  body: z.strictObject({
    organizerId: idInput.nullable().optional().meta({ description: 'For admins' }),
    ...creating(WEBHOOK_ENDPOINT),
  }),
  bodyExample: exampleOf(WEBHOOK_ENDPOINT),
  answers: { 201: { description: 'The endpoint', schema: newWebhookEndpoint, example: { ...example, secret } } },
  problems: ['not_found', 'too_many_endpoints'],
})

export const listEndpoints = operation({
  id: 'listWebhookEndpoints',
  method: 'get',
  path: '/v1/webhook-endpoints',
  tag,
  summary: 'List webhook endpoints',
  description: 'Newest first.',
  access: 'organizer',
  scope,
  limit: 'read',
  query: z.strictObject({ ...page, organizerId: idInput.optional().meta({ description: 'For admins' }) }),
  answers: {
    200: { description: 'A page', schema: pageOf(webhookEndpoint), example: { items: [example], nextCursor: null } },
  },
  problems: ['not_found'],
})

export const getEndpoint = operation({
  id: 'getWebhookEndpoint',
  method: 'get',
  path: '/v1/webhook-endpoints/{id}',
  tag,
  summary: 'Look up a webhook endpoint',
  access: 'organizerOwn',
  scope,
  limit: 'read',
  noun,
  params: byId,
  answers: { 200: { description: 'The endpoint', schema: webhookEndpoint, example } },
  problems: [],
})

export const updateEndpoint = operation({
  id: 'updateWebhookEndpoint',
  method: 'patch',
  path: '/v1/webhook-endpoints/{id}',
  tag,
  summary: 'Change a webhook endpoint',
  description:
    'Omitted fields stay as they are. `status` disables or enables it; events that happen while it is disabled are not sent later.',
  access: 'organizerOwn',
  scope,
  limit: 'write',
  noun,
  params: byId,
  body: z.strictObject({
    ...changing(WEBHOOK_ENDPOINT),
    status: endpointStatus.optional(),
  }),
  bodyExample: { status: 'active' },
  answers: { 200: { description: 'The endpoint', schema: webhookEndpoint, example } },
  problems: [],
})

export const deleteEndpoint = operation({
  id: 'deleteWebhookEndpoint',
  method: 'delete',
  path: '/v1/webhook-endpoints/{id}',
  tag,
  summary: 'Delete a webhook endpoint',
  description: 'Nothing more is sent there, and its deliveries can no longer be read.',
  access: 'organizerOwn',
  scope,
  limit: 'write',
  noun,
  params: byId,
  answers: { 204: { description: 'Deleted' } },
  problems: [],
})

export const getSecret = operation({
  id: 'getWebhookSecret',
  method: 'get',
  path: '/v1/webhook-endpoints/{id}/secret',
  tag,
  summary: 'Look up the secret of a webhook endpoint',
  access: 'organizerOwn',
  scope,
  limit: 'read',
  noun,
  params: byId,
  answers: {
    200: {
      description: 'The secret',
      schema: webhookSecret,
      example: { secret, previousSecret: null, previousSecretExpiresAt: null },
    },
  },
  problems: [],
})

export const rotateSecret = operation({
  id: 'rotateWebhookSecret',
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/rotate-secret',
  tag,
  summary: 'Rotate the secret of a webhook endpoint',
  description: 'For 24 hours webhooks are signed with the new secret and the old one.',
  access: 'organizerOwn',
  scope,
  limit: 'write',
  noun,
  params: byId,
  keyed: true,
  body: z.strictObject({}).optional(),
  bodyExample: {},
  answers: {
    200: {
      description: 'The secrets',
      schema: webhookSecret,
      example: {
        secret,
        previousSecret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQIhrs=',
        previousSecretExpiresAt: '2026-11-23T18:00:00.000Z',
      },
    },
  },
  problems: [],
})

export const testEndpoint = operation({
  id: 'testWebhookEndpoint',
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/test',
  tag,
  summary: 'Send a test event',
  description: 'Sends a `webhook_endpoint.test` to this endpoint, whatever types it takes.',
  access: 'organizerOwn',
  scope,
  limit: 'write',
  noun,
  params: byId,
  keyed: true,
  body: z.strictObject({}).optional(),
  bodyExample: {},
  answers: {
    202: {
      description: 'The delivery, which is sent within a second',
      schema: webhookDelivery,
      example: { ...pending, eventType: 'webhook_endpoint.test', seq: 1 },
    },
  },
  problems: ['invalid_transition'],
})

export const listDeliveries = operation({
  id: 'listWebhookDeliveries',
  method: 'get',
  path: '/v1/webhook-endpoints/{id}/deliveries',
  tag,
  summary: 'List the deliveries to a webhook endpoint',
  description: 'Newest first, of the last 30 days.',
  access: 'organizerOwn',
  scope,
  limit: 'read',
  noun,
  params: byId,
  query: z.strictObject({ ...page, status: z.enum(['pending', 'delivered', 'failed']).optional() }),
  answers: {
    200: { description: 'A page', schema: pageOf(webhookDelivery), example: { items: [delivered], nextCursor: null } },
  },
  problems: [],
})

export const replayEndpoint = operation({
  id: 'replayWebhookEndpoint',
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/replay',
  tag,
  summary: 'Send failed events again',
  description:
    'Repeats the deliveries that failed since then and were not accepted afterwards, the oldest 5000 of them. Call it again for more.',
  access: 'organizerOwn',
  scope,
  limit: 'write',
  noun,
  params: byId,
  keyed: true,
  body: z.strictObject({ since: instantInput }),
  bodyExample: { since: '2026-11-22T18:00:00Z' },
  answers: {
    202: { description: 'The endpoint; its list has the new deliveries', schema: webhookEndpoint, example },
  },
  problems: ['invalid_transition'],
})

export const getDelivery = operation({
  id: 'getWebhookDelivery',
  method: 'get',
  path: '/v1/webhook-deliveries/{id}',
  tag,
  summary: 'Look up a delivery',
  description: 'With every attempt and its response.',
  access: 'organizerOwn',
  scope,
  limit: 'read',
  noun: 'webhook delivery',
  params: byId,
  answers: {
    200: {
      description: 'The delivery',
      schema: webhookDeliveryLog,
      example: {
        ...delivered,
        log: [{ at: '2026-11-22T18:00:01.000Z', durationMs: 84, statusCode: 200, error: null, response: 'ok' }],
      },
    },
  },
  problems: [],
})

export const replayDelivery = operation({
  id: 'replayWebhookDelivery',
  method: 'post',
  path: '/v1/webhook-deliveries/{id}/replay',
  tag,
  summary: 'Send an event again',
  description: 'Creates a new delivery with the same `webhook-id`.',
  access: 'organizerOwn',
  scope,
  limit: 'write',
  noun: 'webhook delivery',
  params: byId,
  keyed: true,
  body: z.strictObject({}).optional(),
  bodyExample: {},
  answers: {
    202: {
      description: 'The new delivery',
      schema: webhookDelivery,
      example: { ...pending, id: '01890000-0000-7000-8000-0000000000f2', replayOf: delivered.id },
    },
  },
  problems: ['invalid_transition'],
})
