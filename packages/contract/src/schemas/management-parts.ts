import { z } from 'zod'
import { idInput, instant } from '@boxoffice/core/fields/values.ts'

/* What bodies and answers about the catalogue have in common. */

/** Organizer in bodies that make something. */
export const organizerIdInput = idInput.optional().meta({ description: 'Required for admins; others omit it' })

/** Organizer in the query of a list. */
export const organizerIdQuery = idInput.optional().meta({ description: 'For admins' })

export const cancellation = z
  .strictObject({
    status: z.enum(['running', 'finished']),
    reason: z.string(),
    total: z.int().meta({ description: 'Live bookings when it began' }),
    cancelled: z.int().meta({
      description:
        'Cancelled and refunded by it so far. What ran out or was cancelled by its buyer meanwhile is not counted',
    }),
    failed: z.int().meta({ description: 'Bookings that could not be cancelled in the last run; they are retried' }),
    startedAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({ id: 'Cancellation' })
