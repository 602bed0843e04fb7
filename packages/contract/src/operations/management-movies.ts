import { z } from 'zod'
import { changing, creating, exampleOf } from '@boxoffice/core/fields/field.ts'
import { MOVIE } from '@boxoffice/core/fields/movie.ts'
import { page } from '../fields.ts'
import { plainOperations } from '../plain-operations.ts'
import { movieDetails } from '../schemas/management.ts'
import { organizerIdInput, organizerIdQuery } from '../schemas/management-parts.ts'

export const { create, get, update, list } = plainOperations({
  noun: 'movie',
  path: '/v1/movies',
  tag: 'Movies',
  view: movieDetails,
  example: {
    id: '01890000-0000-7000-8000-000000000020',
    organizerId: '01890000-0000-7000-8000-0000000000b1',
    ...exampleOf(MOVIE),
  },
  create: z.strictObject({ organizerId: organizerIdInput, ...creating(MOVIE) }),
  createExample: { title: 'The Third Man', durationMinutes: 104, rating: '12' },
  change: z.strictObject(changing(MOVIE)),
  changeExample: { rating: '16' },
  query: z.strictObject({ ...page, organizerId: organizerIdQuery }),
  access: { create: 'organizer', list: 'organizer', get: 'anyone' },
  listId: 'listOrganizerMovies',
  but: {
    get: { scope: null },
    list: {
      path: '/v1/organizer/movies',
      summary: "List an organizer's movies",
      description: 'Newest first, including those that nobody can book.',
    },
  },
})
