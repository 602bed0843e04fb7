import { z } from 'zod'
import { CURRENCY, START, whole } from './kinds.ts'
import { filled, fixed, optional, required } from './field.ts'
import { LANE, saleStatus, TERMS } from './resource.ts'
import { amount, id, idInput, priceInput } from './values.ts'

const NOT_FOR_SALE = { description: 'null: not for sale' }

const prices = z
  .array(
    z.strictObject({
      categoryId: idInput.optional(),
      category: z.string().max(200).optional().meta({ description: 'Name of the category, in place of `categoryId`' }),
      price: priceInput.nullable().meta(NOT_FOR_SALE),
    }),
  )
  .max(50)
  .meta({ description: 'One for every seat category of the layout' })

const shownPrices = z.array(
  z.strictObject({ categoryId: id, category: z.string(), price: amount.nullable().meta(NOT_FOR_SALE) }),
)

/** The fields that are columns of a showtime's row. */
export const SHOWTIME_ROW = {
  status: saleStatus('active'),
  currency: fixed(required(CURRENCY, { example: 'EUR' })),
  maxSeatsPerBooking: filled(whole(1, 100), 10, { example: 10, standard: '10' }),
  startsAt: required(START, { example: '2026-12-24T20:00:00.000Z' }),
}

const { startsAt, ...first } = SHOWTIME_ROW

/** Fields in an order that stays: idempotency keys hash bodies in it. */
export const SHOWTIME = {
  layoutVersion: optional(whole(1, 999_999_999), {
    example: 1,
    description: "Version of the auditorium's layout",
    standard: 'the latest',
  }),
  ...first,
  prices: required(
    { taken: prices, shown: shownPrices },
    { example: [{ categoryId: '01890000-0000-7000-8000-000000000002', category: 'Standard', price: 1200 }] },
  ),
  ...TERMS,
  ...LANE,
  startsAt,
}
