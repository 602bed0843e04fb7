import { z } from 'zod'
import { byId, longText, page, pageOf, textLine } from '../fields.ts'
import { operation } from '../operation.ts'
import { movieDetails } from '../schemas/management.ts'
import { organizerIdInput, organizerIdQuery } from '../schemas/management-parts.ts'

const tag = 'Movies'
const noun = 'movie'

const example = {
  id: '01890000-0000-7000-8000-000000000020',
  organizerId: '01890000-0000-7000-8000-0000000000b1',
  title: 'The Third Man',
  synopsis: 'A writer comes to Vienna to find his friend dead.',
  durationMinutes: 104,
  rating: '12',
}

const title = textLine(200)
const synopsis = longText(5_000)
const durationMinutes = z.int().min(1).max(1_440)
const rating = longText(20).meta({ description: 'As the cinema prints it', example: '12' })

export const create = operation({
  id: 'createMovie',
  method: 'post',
  path: '/v1/movies',
  tag,
  summary: 'Make a movie',
  access: 'organizer',
  scope: 'catalogue:write',
  limit: 'write',
  keyed: true,
  body: z.strictObject({
    organizerId: organizerIdInput,
    title,
    synopsis: synopsis.default(''),
    durationMinutes,
    rating: rating.default(''),
  }),
  bodyExample: { title: 'The Third Man', durationMinutes: 104, rating: '12' },
  answers: { 201: { description: 'The movie', schema: movieDetails, example } },
  problems: ['not_found'],
})

export const get = operation({
  id: 'getMovie',
  method: 'get',
  path: '/v1/movies/{id}',
  tag,
  summary: 'Look up a movie',
  access: 'anyone',
  scope: null,
  limit: 'read',
  noun,
  params: byId,
  answers: { 200: { description: 'The movie', schema: movieDetails, example } },
  problems: [],
})

export const update = operation({
  id: 'updateMovie',
  method: 'patch',
  path: '/v1/movies/{id}',
  tag,
  summary: 'Change a movie',
  access: 'organizerOwn',
  scope: 'catalogue:write',
  limit: 'write',
  noun,
  params: byId,
  body: z.strictObject({
    title: title.optional(),
    synopsis: synopsis.optional(),
    durationMinutes: durationMinutes.optional(),
    rating: rating.optional(),
  }),
  bodyExample: { rating: '16' },
  answers: { 200: { description: 'The movie', schema: movieDetails, example: { ...example, rating: '16' } } },
  problems: [],
})

export const list = operation({
  id: 'listOrganizerMovies',
  method: 'get',
  path: '/v1/organizer/movies',
  tag,
  summary: "List an organizer's movies",
  description: 'The newest first, also those that nobody can book.',
  access: 'organizer',
  scope: 'catalogue:read',
  limit: 'read',
  query: z.strictObject({ ...page, organizerId: organizerIdQuery }),
  answers: {
    200: { description: 'A page', schema: pageOf(movieDetails), example: { items: [example], nextCursor: null } },
  },
  problems: ['not_found'],
})
