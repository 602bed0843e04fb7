import { z } from 'zod'
import { id, instant, textLine } from '@boxoffice/core/fields/values.ts'
import { reasonText } from '../fields.ts'

const MAX_SEATS = 1_000
const MAX_AREAS = 100
const MAX_LABEL = 64

const label = textLine(MAX_LABEL)

const places = {
  seats: z
    .array(label.meta({ example: 'E5' }))
    .min(1)
    .max(MAX_SEATS)
    .refine((seats) => new Set(seats).size === seats.length, { error: 'Must not name a seat twice' })
    .optional(),
  areas: z
    .array(z.strictObject({ area: label.meta({ example: 'Floor' }), quantity: z.int().min(1).max(1_000_000) }))
    .min(1)
    .max(MAX_AREAS)
    .optional(),
}

export const blockBody = z
  .strictObject({ reason: reasonText, ...places })
  .refine(({ seats, areas }) => (seats ?? areas) !== undefined, { path: ['seats'], error: 'Must have seats or areas' })

/** Places to give back; without a body it is all that is left. */
export const giveBackBody = z.strictObject(places).optional()

export const block = z
  .strictObject({
    id,
    reason: z.string(),
    seats: z.array(z.string()).meta({ description: 'Seats that it still keeps' }),
    areas: z
      .array(z.strictObject({ area: z.string(), quantity: z.int() }))
      .meta({ description: 'Places of areas that it still keeps' }),
    createdAt: instant,
    releasedAt: instant.nullable().meta({ description: 'Time at which the last of it was given back' }),
  })
  .meta({ id: 'Block' })
