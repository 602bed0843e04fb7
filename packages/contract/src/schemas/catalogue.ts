import { z } from 'zod'
import { EVENT, EVENT_HOUSE, PUBLIC_TICKET_TYPE } from '@boxoffice/core/fields/event.ts'
import { showing } from '@boxoffice/core/fields/field.ts'
import { MOVIE } from '@boxoffice/core/fields/movie.ts'
import { SHOWTIME } from '@boxoffice/core/fields/showtime.ts'
import { TERMS } from '@boxoffice/core/fields/resource.ts'
import { amount, id, instant } from '@boxoffice/core/fields/values.ts'
import { AUDITORIUM, VENUE } from '@boxoffice/core/fields/venue.ts'

const { title, durationMinutes, rating } = showing(MOVIE)
const { name: roomName } = showing(AUDITORIUM)
const { startsAt, currency, maxSeatsPerBooking, layoutVersion } = showing(SHOWTIME)

/** The sale as the public sees it. */
const sale = {
  salesStartAt: TERMS.salesStartAt.shown,
  salesEndAt: instant.meta({ description: 'End of the sale to the public' }),
  onSale: z.boolean().meta({ description: 'Whether the public can book now, whether or not any places are left' }),
}

/** Prices of other rates than the first, by code. */
const ratePrices = z.record(z.string(), amount.nullable()).meta({
  description: 'Prices of other rates than the first, by code; null: not sold here. One that is left out costs `price`',
})

/** Prices as the public sees them. */
const priced = {
  rates: TERMS.rates.shown,
  prices: z.array(z.strictObject({ categoryId: id, name: z.string(), price: amount, rates: ratePrices })),
}

export const movie = z.strictObject({ id, title, durationMinutes, rating }).meta({ id: 'Movie' })

export const showtime = z
  .strictObject({
    id,
    movie,
    venue: z.strictObject({ id, ...showing(VENUE) }),
    auditorium: z.strictObject({ id, name: roomName }),
    startsAt,
    status: z.enum(['active', 'cancelled']),
    ...sale,
    currency,
    maxSeatsPerBooking,
    ...priced,
    layoutVersion,
  })
  .meta({ id: 'Showtime' })

const ticketType = z.strictObject({ id, ...showing(PUBLIC_TICKET_TYPE) }).meta({ id: 'TicketType' })

export const event = z
  .strictObject({
    id,
    ...showing(EVENT),
    layoutVersion: EVENT_HOUSE.layoutVersion.shown,
    status: z.enum(['published', 'cancelled']),
    ...sale,
    ...priced,
    ticketTypes: z.array(ticketType),
  })
  .meta({ id: 'Event' })

const section = z.string().nullable().meta({ description: 'Part of the house; null where it has none' })

const seat = z
  .strictObject({
    label: z.string().meta({ description: 'Label to book the seat by', example: 'E5' }),
    section,
    row: z.string().meta({ description: 'Name of the row, as on its first chair', example: 'E' }),
    number: z.string().meta({ description: 'Name of the seat, as on the chair', example: '5' }),
    x: z.number().meta({ description: 'In seat widths from the left, looking at the screen' }),
    y: z.number().meta({ description: 'In seat widths from the top' }),
    category: id,
    disabled: z.boolean().meta({ description: 'Never sold' }),
    accessible: z.boolean(),
  })
  .meta({ id: 'Seat' })

export const seatMap = z
  .strictObject({
    version: z.int(),
    rows: z.array(z.strictObject({ section, label: z.string(), seats: z.array(seat) })),
    areas: z
      .array(
        z.strictObject({
          label: z.string().meta({ description: 'Label to book places by', example: 'Floor' }),
          categoryId: id,
          capacity: z.int(),
          shape: z
            .array(z.array(z.number()).length(2))
            .nullable()
            .meta({ description: 'Corners of a polygon, `[x, y]` each' }),
        }),
      )
      .meta({ description: 'Parts of the house without seats, of which places are counted' }),
    focus: z
      .strictObject({ x: z.number(), y: z.number() })
      .nullable()
      .meta({ description: 'Point that the best seats are nearest to; null: the middle of the front row' }),
    categories: z.array(
      z.strictObject({
        id,
        name: z.string(),
        price: amount.nullable().meta({ description: 'null: not for sale' }),
        rates: ratePrices,
      }),
    ),
    currency,
  })
  .meta({ id: 'SeatMap' })
