import { Router, type Response } from 'express'
import type pg from 'pg'
import { z } from 'zod'
import { findEvent } from '@boxoffice/core/db/queries/find-event.ts'
import { findShowtime } from '@boxoffice/core/db/queries/find-showtime.ts'
import { listEvents } from '@boxoffice/core/db/queries/list-events.ts'
import { listMovies } from '@boxoffice/core/db/queries/list-movies.ts'
import { listShowtimes } from '@boxoffice/core/db/queries/list-showtimes.ts'
import { NotFoundError } from '@boxoffice/core/services/errors.ts'
import type { SeatMaps } from '@boxoffice/core/services/seat-maps.ts'
import { sendCachedJson } from '../http/conditional.ts'
import { instantQuery, page, uuidQuery } from '../http/page-query.ts'
import { resourceId } from '../http/resource-id.ts'
import { validate } from '../http/validate.ts'

export interface CatalogueDependencies {
  readonly pool: pg.Pool
  readonly seatMaps: SeatMaps
}

/** Browsers may show a page of the catalogue again for this long, and a proxy before a crowd likewise. */
const CATALOGUE_CACHE = 'public, max-age=5'
/** The layout never changes and prices hardly do; who buys at an old price is told by `expectedTotal`. */
const SEAT_MAP_CACHE = 'public, max-age=3600, stale-while-revalidate=86400'

const pageQuery = z.strictObject(page)
const showtimesQuery = z.strictObject({
  ...page,
  movieId: uuidQuery.optional(),
  venueId: uuidQuery.optional(),
  /** Showtimes that start at or after this. */
  from: instantQuery.optional(),
  /** Showtimes that start before this. */
  to: instantQuery.optional(),
})

/** The catalogue as the public sees it: what is on sale, and by id also what was. */
export function catalogueRoutes({ pool, seatMaps }: CatalogueDependencies): Router {
  const router = Router()

  router.get('/v1/movies', async (request, response) => {
    const { limit, cursor } = validate(pageQuery, request.query)
    send(response, await listMovies(pool, limit, cursor ?? null))
  })

  router.get('/v1/showtimes', async (request, response) => {
    const { limit, cursor, movieId, venueId, from, to } = validate(showtimesQuery, request.query)
    const filter = { movieId: movieId ?? null, venueId: venueId ?? null, from: from ?? null, to: to ?? null }
    send(response, await listShowtimes(pool, filter, limit, cursor ?? null))
  })

  router.get('/v1/showtimes/:id', async (request, response) => {
    const showtime = await findShowtime(pool, resourceId(request.params.id, 'showtime'))
    if (showtime === null) throw new NotFoundError('showtime')
    send(response, showtime)
  })

  router.get('/v1/showtimes/:id/seat-map', async (request, response) => {
    const seatMap = await seatMaps.get(resourceId(request.params.id, 'showtime'))
    if (seatMap === null) throw new NotFoundError('showtime')
    sendCachedJson(request, response, seatMap, SEAT_MAP_CACHE)
  })

  router.get('/v1/events', async (request, response) => {
    const { limit, cursor } = validate(pageQuery, request.query)
    send(response, await listEvents(pool, limit, cursor ?? null))
  })

  router.get('/v1/events/:id', async (request, response) => {
    const event = await findEvent(pool, resourceId(request.params.id, 'event'))
    if (event === null) throw new NotFoundError('event')
    send(response, event)
  })

  return router
}

function send(response: Response, body: unknown): void {
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', CATALOGUE_CACHE)
  response.end(JSON.stringify(body))
}
