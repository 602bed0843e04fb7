import { z } from 'zod'
import { amount, currency, id, instant } from '@boxoffice/core/fields/values.ts'

const timeZone = z.string().meta({ description: 'IANA name', example: 'Europe/Lisbon' })

export const movie = z
  .strictObject({ id, title: z.string(), durationMinutes: z.int(), rating: z.string() })
  .meta({ id: 'Movie' })

export const showtime = z
  .strictObject({
    id,
    movie,
    venue: z.strictObject({ id, name: z.string(), address: z.string(), timeZone }),
    auditorium: z.strictObject({ id, name: z.string() }),
    startsAt: instant,
    status: z.enum(['active', 'cancelled']),
    currency,
    maxSeatsPerBooking: z.int(),
    prices: z.array(z.strictObject({ categoryId: id, name: z.string(), price: amount })),
    layoutVersion: z.int(),
  })
  .meta({ id: 'Showtime' })

const ticketType = z
  .strictObject({
    id,
    name: z.string(),
    price: amount,
    capacity: z.int(),
    saleStartsAt: instant.nullable(),
    saleEndsAt: instant.nullable(),
    minPerBooking: z.int(),
    maxPerBooking: z.int(),
    maxPerCustomer: z.int().nullable(),
    active: z.boolean(),
  })
  .meta({ id: 'TicketType' })

export const event = z
  .strictObject({
    id,
    title: z.string(),
    description: z.string(),
    venue: z.string(),
    timeZone,
    startsAt: instant,
    endsAt: instant,
    status: z.enum(['published', 'cancelled']),
    currency,
    ticketTypes: z.array(ticketType),
  })
  .meta({ id: 'Event' })

const seat = z
  .strictObject({
    label: z.string().meta({ description: 'What a booking names', example: 'E5' }),
    x: z.number().meta({ description: 'In seat widths from the left, looking at the screen' }),
    y: z.number().meta({ description: 'From the top' }),
    category: id,
    disabled: z.boolean().meta({ description: 'Never sold' }),
    accessible: z.boolean(),
  })
  .meta({ id: 'Seat' })

export const seatMap = z
  .strictObject({
    version: z.int(),
    rows: z.array(z.strictObject({ label: z.string(), seats: z.array(seat) })),
    categories: z.array(
      z.strictObject({
        id,
        name: z.string(),
        price: amount.nullable().meta({ description: 'null: not sold' }),
      }),
    ),
    currency,
  })
  .meta({ id: 'SeatMap' })
