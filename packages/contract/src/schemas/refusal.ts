import { z } from 'zod'
import { REFUSAL_CODES, REFUSALS } from '@boxoffice/core/domain/refusals/refusal.ts'
import { amount, id } from '@boxoffice/core/fields/values.ts'

const left = z.int().optional().meta({ description: 'Number left, if that is the reason' })

const reason = z.strictObject({
  code: z.enum(REFUSAL_CODES).meta({
    description: REFUSAL_CODES.map((code) => `- \`${code}\`: ${REFUSALS[code].meaning}`).join('\n'),
  }),
  detail: z.string().meta({ description: 'Sentence for people' }),
  seats: z.array(z.string()).optional().meta({ description: 'Seats that the rule failed for' }),
  areas: z.array(z.strictObject({ area: z.string(), available: left })).optional(),
  rates: z.array(z.string()).optional().meta({ description: 'Codes of the rates that the rule failed for' }),
  ticketTypes: z.array(z.strictObject({ id, available: left })).optional(),
  available: z.int().optional().meta({ description: 'Places left of a quota or a promo code, if that is the reason' }),
  total: amount.optional().meta({ description: 'Current total, if the price is the reason' }),
  minimum: amount.optional().meta({ description: 'Smallest total that can be paid, if that is the reason' }),
})

export const refusal = reason
  .extend({
    wishes: z
      .array(reason.meta({ id: 'WishRefusal' }))
      .optional()
      .meta({ description: 'The reason of each wish, if there were several; the refusal itself is that of the last' }),
  })
  .meta({ id: 'Refusal' })
