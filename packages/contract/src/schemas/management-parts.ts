import { z } from 'zod'
import { idInput, instant } from '@boxoffice/core/fields/values.ts'

/* What bodies and answers about the catalogue have in common. */

/** In bodies that make something. */
export const organizerIdInput = idInput
  .optional()
  .meta({ description: 'Admins say for which organizer; others leave it out' })

/** In lists. */
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
    failed: z.int().meta({ description: 'Could not be cancelled in the last run; they are tried again' }),
    startedAt: instant,
    finishedAt: instant.nullable(),
  })
  .meta({ id: 'Cancellation' })
