import { z } from 'zod'
import { idInput, instant } from '@boxoffice/core/fields/values.ts'

/* What bodies and answers about the catalogue have in common. */

const DAY_MS = 86_400_000

export const holdTtlMs = z
  .int()
  .min(1)
  .max(DAY_MS)
  .meta({ description: 'How long an unpaid booking keeps its places; 10 minutes unless given', example: 600_000 })

export const checkInOpensMs = z
  .int()
  .min(0)
  .max(14 * DAY_MS)
  .meta({ description: 'How long before the start tickets are let in; a day unless given', example: DAY_MS })

export const refundPolicy = z
  .strictObject({
    tiers: z
      .array(
        z.strictObject({
          noticeMs: z
            .int()
            .min(0)
            .max(1_000 * DAY_MS)
            .meta({ description: 'Cancelled at least this long before the start' }),
          basisPoints: z.int().min(0).max(10_000).meta({ description: 'Of the amount without the fee: 10000 is all' }),
        }),
      )
      .max(10),
    refundsFee: z.boolean().meta({ description: 'Whether the fee comes back in the same proportion' }),
  })
  .meta({
    id: 'RefundPolicy',
    description: 'What a buyer gets back who cancels: the tier with the longest notice that is kept applies',
    example: { tiers: [{ noticeMs: DAY_MS, basisPoints: 10_000 }], refundsFee: false },
  })

export const timeZoneInput = z
  .string()
  .max(64)
  .meta({ description: 'IANA name; tickets print local times', example: 'Europe/Lisbon' })

export const timeZone = z.string().meta({ description: 'IANA name', example: 'Europe/Lisbon' })

/** In bodies that make something. */
export const organizerIdInput = idInput
  .optional()
  .meta({ description: 'Admins say for which organizer; others leave it out' })

/** In lists. */
export const organizerIdQuery = idInput.optional().meta({ description: 'For admins' })

export const laneInput = z
  .int()
  .min(0)
  .max(2_147_483_647)
  .optional()
  .meta({ description: 'For admins: a lane of its own for a hot sale; one is chosen unless given' })

export const MAX_INTEGER = 2_147_483_647

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

export const terms = {
  holdTtlMs: z.int(),
  refundPolicy,
  checkInOpensMs: z.int(),
  lane: z.int().meta({ description: 'The line that its booking requests stand in' }),
  version: z.int().meta({ description: 'Rises with every change of the thing or of its availability' }),
  createdAt: instant,
}
