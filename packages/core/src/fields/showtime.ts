import { CURRENCY, START, whole } from './kinds.ts'
import { filled, fixed, optional, required } from './field.ts'
import { PRICES, PRICES_EXAMPLE } from './prices.ts'
import { LANE, saleStatus, TERMS } from './resource.ts'

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
  prices: required(PRICES, { example: PRICES_EXAMPLE }),
  ...TERMS,
  ...LANE,
  startsAt,
}
