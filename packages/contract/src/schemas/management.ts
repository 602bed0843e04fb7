import { z } from 'zod'
import { EVENT, EVENT_HOUSE, QUOTAS, TICKET_TYPE } from '@boxoffice/core/fields/event.ts'
import { showing } from '@boxoffice/core/fields/field.ts'
import { MOVIE } from '@boxoffice/core/fields/movie.ts'
import { ORGANIZER } from '@boxoffice/core/fields/organizer.ts'
import { PROMO_CODE } from '@boxoffice/core/fields/promo-code.ts'
import { LANE, TERMS } from '@boxoffice/core/fields/resource.ts'
import { SHOWTIME } from '@boxoffice/core/fields/showtime.ts'
import { id, instant } from '@boxoffice/core/fields/values.ts'
import { AUDITORIUM, VENUE } from '@boxoffice/core/fields/venue.ts'

/* What organizers see of what they sell, and where. */

export const organizer = z.strictObject({ id, ...showing(ORGANIZER), createdAt: instant }).meta({ id: 'Organizer' })

export const venue = z
  .strictObject({ id, organizerId: id, ...showing(VENUE), createdAt: instant })
  .meta({ id: 'Venue' })

export const auditorium = z
  .strictObject({
    id,
    organizerId: id,
    ...showing(AUDITORIUM),
    layoutVersion: z.int().nullable().meta({ description: 'Latest version; null until one is imported' }),
    createdAt: instant,
  })
  .meta({ id: 'Auditorium' })

export const movieDetails = z.strictObject({ id, organizerId: id, ...showing(MOVIE) }).meta({ id: 'MovieDetails' })

const version = z.int().meta({ description: 'Rises with every change of it or of its availability' })
const onSale = z.boolean().meta({ description: 'Whether the public can book now, whether or not any places are left' })
const sold = z.int().meta({ description: 'Held or sold' })

const kept = z.int().meta({ description: 'Kept by blocks' })

/** Seats and areas of what has a house. */
const house = {
  seats: z.strictObject({ total: z.int().meta({ description: 'For sale' }), sold, kept }),
  areas: z.array(z.strictObject({ label: z.string(), capacity: z.int(), sold, kept })),
}

export const managedShowtime = z
  .strictObject({
    id,
    organizerId: id,
    movie: z.strictObject({ id, title: MOVIE.title.shown }),
    venue: z.strictObject({ id, name: VENUE.name.shown, timeZone: VENUE.timeZone.shown }),
    auditorium: z.strictObject({ id, name: AUDITORIUM.name.shown }),
    ...showing(SHOWTIME),
    onSale,
    ...house,
    version,
    createdAt: instant,
  })
  .meta({ id: 'ManagedShowtime' })

export const managedTicketType = z.strictObject({ id, ...showing(TICKET_TYPE), sold }).meta({ id: 'ManagedTicketType' })

export const managedEvent = z
  .strictObject({
    id,
    organizerId: id,
    ...showing({ ...EVENT, ...EVENT_HOUSE }),
    ...house,
    ticketTypes: z.array(managedTicketType),
    ...showing(QUOTAS),
    ...showing({ ...TERMS, ...LANE }),
    onSale,
    version,
    createdAt: instant,
  })
  .meta({ id: 'ManagedEvent' })

export const promoCode = z
  .strictObject({
    id,
    organizerId: id,
    ...showing(PROMO_CODE),
    redeemed: z.int().meta({ description: 'Redemptions by bookings that are held or paid' }),
    tickets: z.int().meta({ description: 'Places of these bookings that it is for' }),
    createdAt: instant,
  })
  .meta({ id: 'PromoCode' })
