import { z } from 'zod'
import { amount, currency, id } from '@boxoffice/core/fields/values.ts'
import { refusal } from './refusal.ts'
import { wishIndex } from './wish-index.ts'

const quoteLine = z
  .strictObject({
    seat: z.string().nullable(),
    area: z.string().nullable(),
    categoryId: id.nullable(),
    ticketTypeId: id.nullable(),
    rate: z.string().nullable().meta({ description: 'Code of the rate; null where there is only one price' }),
    quantity: z.int().min(1),
    unitPrice: amount,
    discount: amount.meta({ description: "The line's share of the discount" }),
  })
  .meta({ id: 'QuoteLine' })

export const quote = z
  .discriminatedUnion('bookable', [
    z.strictObject({
      bookable: z.literal(true),
      currency,
      wish: wishIndex,
      lines: z.array(quoteLine),
      subtotal: amount,
      discount: amount,
      fee: amount,
      total: amount.meta({ description: 'subtotal − discount + fee' }),
      refusal: z.null(),
    }),
    z.strictObject({
      bookable: z.literal(false),
      currency: z.null(),
      lines: z.array(quoteLine).max(0),
      subtotal: z.null(),
      discount: z.null(),
      fee: z.null(),
      total: z.null(),
      refusal,
    }),
  ])
  .meta({ id: 'Quote' })
