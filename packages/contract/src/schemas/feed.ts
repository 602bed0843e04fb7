import { z } from 'zod'
import { id, instant } from '@boxoffice/core/fields/values.ts'

/** Something that happened, as the feed lists it; webhooks have the same without the id, which is their `webhook-id`. */
const outgoingEvent = z
  .strictObject({
    id,
    type: z.string().meta({ example: 'booking.confirmed' }),
    timestamp: instant,
    organizerId: id,
    entityId: id.meta({ description: 'The booking, the refused booking request, or the thing of the catalogue' }),
    seq: z.int().min(1).meta({ description: '1, 2, 3 … of the entity, without gaps' }),
    data: z.record(z.string(), z.unknown()).meta({ description: 'By the type; new fields may come' }),
  })
  .meta({ id: 'OutgoingEvent' })

export const feedPage = z
  .strictObject({
    items: z.array(outgoingEvent),
    nextCursor: z.string().meta({ description: 'Where to go on, also when nothing was new', example: '1042' }),
    more: z.boolean().meta({ description: 'There may be more to read at once' }),
  })
  .meta({ id: 'FeedPage' })
