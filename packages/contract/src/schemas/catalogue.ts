import { z } from 'zod'
import { EVENT, TICKET_TYPE } from '@boxoffice/core/fields/event.ts'
import { showing } from '@boxoffice/core/fields/field.ts'
import { MOVIE } from '@boxoffice/core/fields/movie.ts'
import { SHOWTIME } from '@boxoffice/core/fields/showtime.ts'
import { amount, id } from '@boxoffice/core/fields/values.ts'
import { AUDITORIUM, VENUE } from '@boxoffice/core/fields/venue.ts'

const { title, durationMinutes, rating } = showing(MOVIE)
const { name: roomName } = showing(AUDITORIUM)
const { startsAt, currency, maxSeatsPerBooking, layoutVersion } = showing(SHOWTIME)

export const movie = z.strictObject({ id, title, durationMinutes, rating }).meta({ id: 'Movie' })

export const showtime = z
  .strictObject({
    id,
    movie,
    venue: z.strictObject({ id, ...showing(VENUE) }),
    auditorium: z.strictObject({ id, name: roomName }),
    startsAt,
    status: z.enum(['active', 'cancelled']),
    currency,
    maxSeatsPerBooking,
    prices: z.array(z.strictObject({ categoryId: id, name: z.string(), price: amount })),
    layoutVersion,
  })
  .meta({ id: 'Showtime' })

const ticketType = z.strictObject({ id, ...showing(TICKET_TYPE) }).meta({ id: 'TicketType' })

export const event = z
  .strictObject({
    id,
    ...showing(EVENT),
    status: z.enum(['published', 'cancelled']),
    ticketTypes: z.array(ticketType),
  })
  .meta({ id: 'Event' })

const seat = z
  .strictObject({
    label: z.string().meta({ description: 'Label to book the seat by', example: 'E5' }),
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
    rows: z.array(z.strictObject({ label: z.string(), seats: z.array(seat) })),
    categories: z.array(
      z.strictObject({
        id,
        name: z.string(),
        price: amount.nullable().meta({ description: 'null: not for sale' }),
      }),
    ),
    currency,
  })
  .meta({ id: 'SeatMap' })
