import { z } from 'zod'
import { id, instant } from '@boxoffice/core/fields/values.ts'

/** Something that happened, as the feed lists it; webhooks have the same without the id, which is their `webhook-id`. */
const outgoingEvent = z
  .strictObject({
    id,
    type: z.string().meta({ example: 'booking.confirmed' }),
    timestamp: instant,
    organizerId: id,
    entityId: id.meta({ description: 'Booking, refused booking request, or thing of the catalogue' }),
    seq: z.int().min(1).meta({ description: 'Counts the events of the entity: 1, 2, 3, … without gaps' }),
    data: z.record(z.string(), z.unknown()).meta({ description: 'Depends on the type; new fields may be added' }),
  })
  .meta({ id: 'OutgoingEvent' })

export const feedPage = z
  .strictObject({
    items: z.array(outgoingEvent),
    nextCursor: z.string().meta({ description: 'Cursor for the next call, also if nothing was new', example: '1042' }),
    more: z.boolean().meta({ description: 'Whether more can be read at once' }),
  })
  .meta({ id: 'FeedPage' })
