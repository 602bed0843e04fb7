import { z } from 'zod'
import { SETBACK_KINDS } from '@boxoffice/core/domain/setback.ts'
import { id, instant } from '@boxoffice/core/fields/values.ts'
import { reference } from '../fields.ts'

export const parkedKind = z.enum(SETBACK_KINDS).meta({
  description:
    'The work that failed: publishing an outgoing `event`, cancelling a booking of a cancelled showtime or event (`cancellation`), ending a hold (`expiry`), closing a booking after the show (`closing`), queueing the mail about a `move`, or sending a `mail`',
  example: 'event',
})

export const parked = z
  .strictObject({
    id,
    kind: parkedKind,
    subjectId: id.meta({ description: 'The outgoing event, the booking or the mail' }),
    entityId: id.meta({
      description: "The entity of the outgoing event, the booking's showtime or event, or the mail's booking",
    }),
    type: z
      .string()
      .nullable()
      .meta({ description: 'Type of the outgoing event or kind of the mail', example: 'booking.confirmed' }),
    reference: reference.nullable().meta({ description: 'Reference of the booking; null if the work is about none' }),
    failures: z.int().min(0).meta({ description: 'Failures in a row since the last retry by hand', example: 6 }),
    error: z.string().meta({ description: 'The last failure, without personal data' }),
    firstFailedAt: instant,
    failedAt: instant,
    retryAt: instant.nullable().meta({ description: 'null while it is parked' }),
  })
  .meta({ id: 'Parked' })
