import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi'
import { z } from 'zod'
import {
  OUTGOING_EVENT_TYPES,
  OUTGOING_EVENTS,
  type OutgoingEventRow,
  type OutgoingEventType,
} from '@boxoffice/core/domain/outgoing-events/outgoing-events.ts'
import { eventExample, eventSchema } from './event-schema.ts'

const header = (name: string, schema: z.ZodType, description: string) =>
  schema.meta({ description, param: { id: name } })

/** The headers of Standard Webhooks 1.0.0. */
const HEADERS = z.object({
  'webhook-id': header('webhook-id', z.guid(), 'Id of the event; the same each time that it is sent'),
  'webhook-timestamp': header('webhook-timestamp', z.int(), 'Unix seconds at which it was sent'),
  'webhook-signature': header(
    'webhook-signature',
    z.string(),
    '`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`; two of them with a space between after a rotation',
  ),
})

/** Returns OpenAPI's `webhooks`: the requests to webhook endpoints, by type. */
export function webhooks(): ZodOpenApiPathsObject {
  return Object.fromEntries(OUTGOING_EVENT_TYPES.map((type) => [type, { post: describe(type) }]))
}

function describe(type: OutgoingEventType): ZodOpenApiOperationObject {
  return {
    tags: ['Webhooks'],
    summary: type,
    description: [OUTGOING_EVENTS[type].summary, ...notesOn(OUTGOING_EVENTS[type])].join(' '),
    security: [],
    requestParams: { header: HEADERS },
    requestBody: {
      required: true,
      content: { 'application/json': { schema: eventSchema(type), example: eventExample(type) } },
    },
    responses: {
      '2XX': { description: 'The event is accepted' },
      410: { description: 'The endpoint is gone: it is disabled' },
    },
  }
}

/** Returns further sentences about a type: its mail, and a note if endpoints have to name it. */
export function notesOn({ mail, byNameOnly }: OutgoingEventRow): string[] {
  const condition = mail?.condition === undefined ? '' : `, ${mail.condition.about}`
  return [
    ...(mail === undefined ? [] : [`Mail: ${mail.kind}${condition}.`]),
    ...(byNameOnly === true ? ['It goes only to endpoints that name it or its family.'] : []),
  ]
}
