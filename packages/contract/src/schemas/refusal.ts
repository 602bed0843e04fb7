import { z } from 'zod'
import { REFUSAL_CODES, REFUSALS } from '@boxoffice/core/domain/refusals/refusal.ts'
import { amount, id } from '@boxoffice/core/fields/values.ts'

export const refusal = z
  .strictObject({
    code: z.enum(REFUSAL_CODES).meta({
      description: REFUSAL_CODES.map((code) => `- \`${code}\`: ${REFUSALS[code].meaning}`).join('\n'),
    }),
    detail: z.string().meta({ description: 'Sentence for people' }),
    seats: z.array(z.string()).optional().meta({ description: 'Seats that the rule failed for' }),
    ticketTypes: z
      .array(
        z.strictObject({
          id,
          available: z.int().optional().meta({ description: 'Number left, if that is the reason' }),
        }),
      )
      .optional(),
    total: amount.optional().meta({ description: 'Current total, if the price is the reason' }),
  })
  .meta({ id: 'Refusal' })
