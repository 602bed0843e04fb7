import { z } from 'zod'
import { SETBACK_KINDS } from '@boxoffice/core/domain/setback.ts'
import { id, instant, reference } from '../fields.ts'

export const parkedKind = z.enum(SETBACK_KINDS).meta({
  description:
    'What could not be done: publish an outgoing `event`, cancel a booking of what was cancelled (`cancellation`), end a hold (`expiry`), close a booking after the show (`closing`), queue the mail about a `move`, or send a `mail`',
  example: 'event',
})

export const parked = z
  .strictObject({
    id,
    kind: parkedKind,
    subjectId: id.meta({ description: 'The outgoing event, the booking or the mail' }),
    entityId: id.meta({
      description: "What the outgoing event is about, the booking's showtime or event, or the mail's booking",
    }),
    type: z
      .string()
      .nullable()
      .meta({ description: 'Type of the outgoing event or kind of the mail', example: 'booking.confirmed' }),
    reference: reference.nullable().meta({ description: 'Of the booking; null where it is about none' }),
    failures: z.int().min(0).meta({ description: 'In a row, since it was last retried by hand', example: 6 }),
    error: z.string().meta({ description: 'The last failure, without personal data' }),
    firstFailedAt: instant,
    failedAt: instant,
    retryAt: instant.nullable().meta({ description: 'null while it is parked' }),
  })
  .meta({ id: 'Parked' })
