import { z } from 'zod'
import { showing } from '@boxoffice/core/fields/field.ts'
import { MOVIE } from '@boxoffice/core/fields/movie.ts'
import { ORGANIZER } from '@boxoffice/core/fields/organizer.ts'
import { AUDITORIUM, VENUE } from '@boxoffice/core/fields/venue.ts'
import { amount, currency, id, instant } from '@boxoffice/core/fields/values.ts'
import { terms, timeZone } from './management-parts.ts'

export const organizer = z.strictObject({ id, ...showing(ORGANIZER), createdAt: instant }).meta({ id: 'Organizer' })

export const venue = z
  .strictObject({ id, organizerId: id, ...showing(VENUE), createdAt: instant })
  .meta({ id: 'Venue' })

export const auditorium = z
  .strictObject({
    id,
    organizerId: id,
    ...showing(AUDITORIUM),
    layoutVersion: z.int().nullable().meta({ description: 'The latest; null until one was imported' }),
    createdAt: instant,
  })
  .meta({ id: 'Auditorium' })

export const movieDetails = z.strictObject({ id, organizerId: id, ...showing(MOVIE) }).meta({ id: 'MovieDetails' })

export const managedShowtime = z
  .strictObject({
    id,
    organizerId: id,
    movie: z.strictObject({ id, title: z.string() }),
    venue: z.strictObject({ id, name: z.string(), timeZone }),
    auditorium: z.strictObject({ id, name: z.string() }),
    layoutVersion: z.int(),
    startsAt: instant,
    status: z.enum(['draft', 'active', 'cancelled']),
    currency,
    maxSeatsPerBooking: z.int(),
    prices: z.array(
      z.strictObject({
        categoryId: id,
        category: z.string(),
        price: amount.nullable().meta({ description: 'null: not for sale' }),
      }),
    ),
    seats: z.strictObject({
      total: z.int().meta({ description: 'For sale' }),
      sold: z.int().meta({ description: 'Held or sold' }),
    }),
    ...terms,
  })
  .meta({ id: 'ManagedShowtime' })

export const managedTicketType = z
  .strictObject({
    id,
    name: z.string(),
    price: amount,
    capacity: z.int(),
    sold: z.int().meta({ description: 'Held or sold' }),
    active: z.boolean(),
    saleStartsAt: instant.nullable(),
    saleEndsAt: instant.nullable(),
    minPerBooking: z.int(),
    maxPerBooking: z.int(),
    maxPerCustomer: z.int().nullable(),
  })
  .meta({ id: 'ManagedTicketType' })

export const managedEvent = z
  .strictObject({
    id,
    organizerId: id,
    title: z.string(),
    description: z.string(),
    venue: z.string(),
    timeZone,
    startsAt: instant,
    endsAt: instant,
    status: z.enum(['draft', 'published', 'cancelled']),
    currency,
    ticketTypes: z.array(managedTicketType),
    ...terms,
  })
  .meta({ id: 'ManagedEvent' })

export const promoCode = z
  .strictObject({
    id,
    organizerId: id,
    code: z.string(),
    kind: z.enum(['percent', 'fixed']),
    value: z.int().meta({ description: 'Basis points of `percent` (2000 is 20 %), minor units of `fixed`' }),
    currency: currency.nullable().meta({ description: 'Of `fixed`' }),
    active: z.boolean(),
    startsAt: instant.nullable(),
    endsAt: instant.nullable(),
    maxRedemptions: z.int().nullable(),
    maxPerCustomer: z.int().nullable(),
    resourceIds: z.array(id).nullable().meta({ description: 'Showtimes and events it is limited to; null: all' }),
    redeemed: z.int().meta({ description: 'By bookings that hold or have paid' }),
    createdAt: instant,
  })
  .meta({ id: 'PromoCode' })
