import { z } from 'zod'
import { REFUSAL_CODES, REFUSALS } from '@boxoffice/core/domain/refusal.ts'
import { amount, id } from '@boxoffice/core/fields/values.ts'

export const refusal = z
  .strictObject({
    code: z.enum(REFUSAL_CODES).meta({
      description: REFUSAL_CODES.map((code) => `- \`${code}\`: ${REFUSALS[code].meaning}`).join('\n'),
    }),
    detail: z.string().meta({ description: 'A sentence for people' }),
    seats: z.array(z.string()).optional().meta({ description: 'The seats that it is about' }),
    ticketTypes: z
      .array(
        z.strictObject({ id, available: z.int().optional().meta({ description: 'What is left, where that is why' }) }),
      )
      .optional(),
    total: amount.optional().meta({ description: 'What it would cost now, where the price is why' }),
  })
  .meta({ id: 'Refusal' })
