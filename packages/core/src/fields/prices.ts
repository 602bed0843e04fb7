import { z } from 'zod'
import { amount, id, idInput, priceInput } from './values.ts'

/* Prices of the seat categories of a house, for showtimes and for events that have one. */

const MAX_CATEGORIES = 50
const NOT_FOR_SALE = { description: 'null: not for sale' }

const rates = <Price extends z.ZodType>(price: Price) =>
  z.record(z.string(), price.nullable()).meta({
    description:
      'Prices of other rates than the first, by code; null: not sold in this category. One that is left out costs `price`',
    example: { child: 800 },
  })

const prices = z
  .array(
    z.strictObject({
      categoryId: idInput.optional(),
      category: z.string().max(200).optional().meta({ description: 'Name of the category, in place of `categoryId`' }),
      price: priceInput.nullable().meta(NOT_FOR_SALE),
      rates: rates(priceInput).optional(),
    }),
  )
  .max(MAX_CATEGORIES)
  .meta({ description: 'One for every seat category of the layout' })

const shownPrices = z.array(
  z.strictObject({
    categoryId: id,
    category: z.string(),
    price: amount.nullable().meta(NOT_FOR_SALE),
    rates: rates(amount),
  }),
)

export const PRICES = { taken: prices, shown: shownPrices }

export const PRICES_EXAMPLE = [
  { categoryId: '01890000-0000-7000-8000-000000000002', category: 'Standard', price: 1200, rates: { child: 800 } },
]
