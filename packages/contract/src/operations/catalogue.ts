import { z } from 'zod'
import { EVENT, TICKET_TYPE } from '@boxoffice/core/fields/event.ts'
import { exampleOf } from '@boxoffice/core/fields/field.ts'
import { MOVIE } from '@boxoffice/core/fields/movie.ts'
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
const showtimeExample = {
  id: '01890000-0000-7000-8000-000000000001',
  movie: movieExample,
  venue: { id: '01890000-0000-7000-8000-000000000021', ...exampleOf(VENUE) },
  auditorium: { id: '01890000-0000-7000-8000-000000000022', name: AUDITORIUM.name.example },
  ...exampleOf({ startsAt, currency, maxSeatsPerBooking, layoutVersion }),
  status: 'active',
  prices: [{ categoryId: '01890000-0000-7000-8000-000000000002', name: 'Standard', price: 1200 }],
}

const eventExample = {
  id: '01890000-0000-7000-8000-000000000030',
  ...exampleOf(EVENT),
  status: 'published',
  ticketTypes: [{ id: '01890000-0000-7000-8000-000000000003', ...exampleOf(TICKET_TYPE) }],
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
  description: 'Earliest first.',
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

export const getSeatMap = operation({
  id: 'getSeatMap',
  method: 'get',
  path: '/v1/showtimes/{id}/seat-map',
  tag,
  summary: 'Look up the seat map of a showtime',
  description: 'Has an `ETag`; `If-None-Match` returns 304 while nothing has changed.',
  access: 'anyone',
  scope: null,
  limit: 'read',
  noun: 'showtime',
  params: byId,
  answers: {
    200: {
      description: 'The seat map',
      schema: seatMap,
      example: {
        version: 1,
        rows: [
          {
            label: 'E',
            seats: [
              {
                label: 'E5',
                x: 4,
                y: 4,
                category: '01890000-0000-7000-8000-000000000002',
                disabled: false,
                accessible: false,
              },
            ],
          },
        ],
        categories: [{ id: '01890000-0000-7000-8000-000000000002', name: 'Standard', price: 1200 }],
        currency: 'EUR',
      },
    },
    304: { description: 'Unchanged' },
  },
  problems: [],
})

export const listEvents = operation({
  id: 'listEvents',
  method: 'get',
  path: '/v1/events',
  tag,
  summary: 'List events on sale',
  description: 'Earliest first.',
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
