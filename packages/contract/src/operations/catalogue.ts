import { z } from 'zod'
import { EVENT, PUBLIC_TICKET_TYPE } from '@boxoffice/core/fields/event.ts'
import { exampleOf } from '@boxoffice/core/fields/field.ts'
import { MOVIE } from '@boxoffice/core/fields/movie.ts'
import { TERMS } from '@boxoffice/core/fields/resource.ts'
import { SHOWTIME } from '@boxoffice/core/fields/showtime.ts'
import { idInput, instantInput } from '@boxoffice/core/fields/values.ts'
import { AUDITORIUM, VENUE } from '@boxoffice/core/fields/venue.ts'
import { byId, page, pageOf } from '../fields.ts'
import { operation } from '../operation.ts'
import { event, movie, seatMap, showtime } from '../schemas/catalogue.ts'

const tag = 'Catalogue'

const { synopsis: _, ...movieFields } = MOVIE
const movieExample = { id: '01890000-0000-7000-8000-000000000020', ...exampleOf(movieFields) }

const { startsAt, currency, maxSeatsPerBooking, layoutVersion } = SHOWTIME
const pricesExample = {
  rates: TERMS.rates.example,
  prices: [
    { categoryId: '01890000-0000-7000-8000-000000000002', name: 'Standard', price: 1200, rates: { child: 800 } },
  ],
}

const showtimeExample = {
  id: '01890000-0000-7000-8000-000000000001',
  movie: movieExample,
  venue: { id: '01890000-0000-7000-8000-000000000021', ...exampleOf(VENUE) },
  auditorium: { id: '01890000-0000-7000-8000-000000000022', name: AUDITORIUM.name.example },
  ...exampleOf({ startsAt, currency, maxSeatsPerBooking, layoutVersion }),
  status: 'active',
  salesStartAt: null,
  salesEndAt: '2026-12-24T20:15:00.000Z',
  onSale: true,
  ...pricesExample,
}

const eventExample = {
  id: '01890000-0000-7000-8000-000000000030',
  ...exampleOf(EVENT),
  status: 'published',
  salesStartAt: null,
  salesEndAt: '2026-12-28T23:00:00.000Z',
  onSale: true,
  layoutVersion: null,
  rates: [],
  prices: [],
  ticketTypes: [{ id: '01890000-0000-7000-8000-000000000003', ...exampleOf(PUBLIC_TICKET_TYPE) }],
}

export const listMovies = operation({
  id: 'listMovies',
  method: 'get',
  path: '/v1/movies',
  tag,
  summary: 'List movies that have a showtime on sale',
  access: 'anyone',
  scope: null,
  limit: 'read',
  query: z.strictObject(page),
  answers: {
    200: { description: 'A page', schema: pageOf(movie), example: { items: [movieExample], nextCursor: null } },
  },
  problems: [],
})

export const listShowtimes = operation({
  id: 'listShowtimes',
  method: 'get',
  path: '/v1/showtimes',
  tag,
  summary: 'List showtimes on sale',
  description: 'Those that the public can book now or later, earliest first.',
  access: 'anyone',
  scope: null,
  limit: 'read',
  query: z.strictObject({
    ...page,
    movieId: idInput.optional(),
    venueId: idInput.optional(),
    from: instantInput.optional().meta({ description: 'Starts at or after this' }),
    to: instantInput.optional().meta({ description: 'Starts before this' }),
  }),
  answers: {
    200: { description: 'A page', schema: pageOf(showtime), example: { items: [showtimeExample], nextCursor: null } },
  },
  problems: [],
})

export const getShowtime = operation({
  id: 'getShowtime',
  method: 'get',
  path: '/v1/showtimes/{id}',
  tag,
  summary: 'Look up a showtime',
  description: 'Includes one that has started or is cancelled.',
  access: 'anyone',
  scope: null,
  limit: 'read',
  noun: 'showtime',
  params: byId,
  answers: { 200: { description: 'The showtime', schema: showtime, example: showtimeExample } },
  problems: [],
})

const ofSeatMap = {
  method: 'get',
  tag,
  description: 'Has an `ETag`; `If-None-Match` returns 304 while nothing has changed.',
  access: 'anyone',
  scope: null,
  limit: 'read',
  params: byId,
  answers: {
    200: {
      description: 'The seat map',
      schema: seatMap,
      example: {
        version: 1,
        rows: [
          {
            section: null,
            label: 'E',
            seats: [
              {
                label: 'E5',
                section: null,
                row: 'E',
                number: '5',
                x: 4,
                y: 4,
                category: '01890000-0000-7000-8000-000000000002',
                disabled: false,
                accessible: false,
              },
            ],
          },
        ],
        areas: [{ label: 'Floor', categoryId: '01890000-0000-7000-8000-000000000002', capacity: 400, shape: null }],
        focus: { x: 5, y: -2 },
        categories: [
          { id: '01890000-0000-7000-8000-000000000002', name: 'Standard', price: 1200, rates: { child: 800 } },
        ],
        currency: 'EUR',
      },
    },
    304: { description: 'Unchanged' },
  },
  problems: [],
} as const

export const getSeatMap = operation({
  ...ofSeatMap,
  id: 'getSeatMap',
  path: '/v1/showtimes/{id}/seat-map',
  summary: 'Look up the seat map of a showtime',
  noun: 'showtime',
})

export const getEventSeatMap = operation({
  ...ofSeatMap,
  id: 'getEventSeatMap',
  path: '/v1/events/{id}/seat-map',
  summary: 'Look up the seat map of an event with a house',
  noun: 'event',
})

export const listEvents = operation({
  id: 'listEvents',
  method: 'get',
  path: '/v1/events',
  tag,
  summary: 'List events on sale',
  description: 'Those that the public can book now or later, earliest first.',
  access: 'anyone',
  scope: null,
  limit: 'read',
  query: z.strictObject(page),
  answers: {
    200: { description: 'A page', schema: pageOf(event), example: { items: [eventExample], nextCursor: null } },
  },
  problems: [],
})

export const getEvent = operation({
  id: 'getEvent',
  method: 'get',
  path: '/v1/events/{id}',
  tag,
  summary: 'Look up an event',
  description: 'Includes one that has started or is cancelled.',
  access: 'anyone',
  scope: null,
  limit: 'read',
  noun: 'event',
  params: byId,
  answers: { 200: { description: 'The event', schema: event, example: eventExample } },
  problems: [],
})
