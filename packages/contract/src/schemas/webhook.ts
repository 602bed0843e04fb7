import { z } from 'zod'
import { showing } from '@boxoffice/core/fields/field.ts'
import { id, instant } from '@boxoffice/core/fields/values.ts'
import { WEBHOOK_ENDPOINT } from '@boxoffice/core/fields/webhook-endpoint.ts'

export const endpointStatus = z.enum(['active', 'disabled'])

const endpoint = {
  id,
  organizerId: id.nullable().meta({ description: 'null: events of all organizers' }),
  ...showing(WEBHOOK_ENDPOINT),
  status: endpointStatus,
  disabledReason: z.enum(['gone', 'failing', 'manual']).nullable(),
  failingSince: instant.nullable().meta({ description: 'Time since when no delivery got through' }),
  createdAt: instant,
  updatedAt: instant,
}

const secret = z.string().meta({
  description: 'Key that signs webhooks: whsec_ and base64',
  example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
})

export const webhookEndpoint = z.strictObject(endpoint).meta({ id: 'WebhookEndpoint' })

export const newWebhookEndpoint = z.strictObject({ ...endpoint, secret }).meta({ id: 'NewWebhookEndpoint' })

export const webhookSecret = z
  .strictObject({
    secret,
    previousSecret: z
      .string()
      .nullable()
      .meta({ description: 'Secret before the last rotation, while it still signs' }),
    previousSecretExpiresAt: instant.nullable(),
  })
  .meta({ id: 'WebhookSecret' })

const delivery = {
  id,
  endpointId: id,
  eventId: id.meta({ description: 'Sent as `webhook-id`' }),
  eventType: z.string().meta({ example: 'booking.confirmed' }),
  entityId: id,
  seq: z.int().min(1),
  replayOf: id.nullable().meta({ description: 'Delivery that this one repeats' }),
  status: z.enum(['pending', 'delivered', 'failed']),
  attempts: z.int().min(0),
  nextAttemptAt: instant.nullable(),
  lastAttemptAt: instant.nullable(),
  lastStatusCode: z.int().nullable(),
  lastError: z.string().nullable().meta({ example: 'It answered 500.' }),
  createdAt: instant,
  deliveredAt: instant.nullable(),
}

export const webhookDelivery = z.strictObject(delivery).meta({ id: 'WebhookDelivery' })

const attempt = z
  .strictObject({
    at: instant,
    durationMs: z.int().min(0),
    statusCode: z.int().nullable().meta({ description: 'null if there was no response' }),
    error: z.string().nullable(),
    response: z.string().nullable().meta({ description: 'First kilobyte of the response' }),
  })
  .meta({ id: 'WebhookAttempt' })

export const webhookDeliveryLog = z
  .strictObject({ ...delivery, log: z.array(attempt).meta({ description: 'Attempts, oldest first' }) })
  .meta({ id: 'WebhookDeliveryLog' })
