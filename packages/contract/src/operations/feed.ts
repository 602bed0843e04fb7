import { z } from 'zod'
import { idInput } from '@boxoffice/core/fields/values.ts'
import { eventFilter } from '@boxoffice/core/fields/webhook-endpoint.ts'
import { page } from '../fields.ts'
import { operation } from '../operation.ts'
import { feedPage } from '../schemas/feed.ts'
import { eventExample } from '../outgoing-events/event-schema.ts'

const MAX_TYPES = 100

export const read = operation({
  id: 'readFeed',
  method: 'get',
  path: '/v1/feed',
  tag: 'Events',
  summary: 'Read the event feed',
  description:
    'Lists outgoing events, oldest first. Call again with `nextCursor`: at once if `more` is true, after a while otherwise. No event is missed and none comes twice. A page looks at up to 10,000 events for those of `types`.',
  access: 'organizer',
  scope: 'feed:read',
  limit: 'read',
  query: z.strictObject({
    limit: page.limit,
    cursor: z
      .string()
      .regex(/^(?:\d{1,15}|latest)$/, { error: 'Must be the nextCursor of another page, or latest' })
      .optional()
      .meta({ description: 'Omit it to start at the beginning; `latest` starts with what happens from now on' }),
    types: z
      .string()
      .transform((text) => text.split(','))
      .pipe(z.array(eventFilter).max(MAX_TYPES))
      .optional()
      .meta({
        description: 'Types and families, separated by commas',
        override: { type: 'string' },
        example: 'booking.*,refund.completed',
      }),
    organizerId: idInput.optional().meta({ description: 'Required for admins' }),
  }),
  answers: {
    200: {
      description: 'A page',
      schema: feedPage,
      example: {
        items: [{ id: '01890000-0000-7000-8000-0000000000e1', ...eventExample('booking.confirmed') }],
        nextCursor: '1042',
        more: false,
      },
    },
  },
  problems: ['not_found'],
})
