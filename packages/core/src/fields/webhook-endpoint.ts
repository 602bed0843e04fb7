import { z } from 'zod'
import { OUTGOING_EVENT_FAMILIES } from '../domain/outgoing-events/outgoing-events.ts'
import { defaulted, required } from './field.ts'
import { text } from './kinds.ts'

const MAX_TYPES = 100
const FAMILIES: ReadonlySet<string> = new Set(OUTGOING_EVENT_FAMILIES)

/**
 * A type of outgoing events, or a family of them: for webhooks and the feed alike. Types may become more, but a family that
 * does not exist yields nothing, without telling why.
 */
export const eventFilter = z
  .string()
  .regex(/^[a-z][a-z_]{0,49}\.(?:\*|[a-z][a-z_]{0,49})$/, {
    error: 'Must be a type such as booking.confirmed, or booking.*',
  })
  .refine((filter) => FAMILIES.has(filter.split('.', 1).join('')), {
    error: `Must be of one of the families ${OUTGOING_EVENT_FAMILIES.join(', ')}`,
  })
  .meta({ example: 'booking.*' })

const eventTypes = z
  .array(eventFilter)
  .max(MAX_TYPES)
  .transform((types) => [...new Set(types)])
  .meta({ override: { type: 'array', maxItems: MAX_TYPES, items: { type: 'string' } }, example: ['booking.*'] })

const url = z.string().max(2_000, { error: 'Must have at most 2000 characters' })

export const WEBHOOK_ENDPOINT = {
  url: required(
    { taken: url, shown: z.string() },
    { example: 'https://shop.example/boxoffice', description: 'https, and not to a private network' },
  ),
  description: defaulted(text(500), '', { example: 'The shop' }),
  eventTypes: defaulted({ taken: eventTypes, shown: z.array(z.string()) }, [], {
    example: ['booking.*'],
    description: 'Types and families; an empty list takes all but `booking_request.refused`',
  }),
}
