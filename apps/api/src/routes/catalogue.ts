import type { Request, Response, Router } from 'express'
import type pg from 'pg'
import { listMovies } from '@boxoffice/core/catalogue/queries/list-movies.ts'
import { findEvent, listEvents } from '@boxoffice/core/catalogue/queries/events-on-sale.ts'
import { findShowtime, listShowtimes } from '@boxoffice/core/catalogue/queries/showtimes-on-sale.ts'
import type { SeatMaps } from '@boxoffice/core/availability/seat-maps.ts'
import { notFound } from '@boxoffice/core/use-case/problem.ts'
import { sendCachedJson } from '../answers/conditional.ts'
import { pageCursor } from '../lists/page-cursor.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import * as catalogue from '@boxoffice/contract/operations/catalogue.ts'

export interface CatalogueDependencies {
  readonly pool: pg.Pool
  readonly seatMaps: SeatMaps
  /** The setting `SHOWTIME_SALES_END_MS`. */
  readonly showtimeSellsForMs: number
}

/** Browsers may show a page of the catalogue again for this long, and a proxy before a crowd likewise. */
const CATALOGUE_CACHE = 'public, max-age=5'
/** Layouts and prices hardly change; who buys at an old price is told by `expectedTotal`. */
const SEAT_MAP_CACHE = 'public, max-age=60, stale-while-revalidate=600'

/** Serves the public catalogue: what is on sale, and by id also what was. */
export function catalogueRoutes(deps: RouteDependencies, catalogueDeps: CatalogueDependencies): Router {
  const { pool, seatMaps, showtimeSellsForMs } = catalogueDeps
  const routes = new Routes(deps)

  routes.on(catalogue.listMovies, async ({ query, response }) => {
    send(response, await listMovies(pool, query.limit, pageCursor(query.cursor), showtimeSellsForMs))
  })

  routes.on(catalogue.listShowtimes, async ({ query, response }) => {
    const { limit, cursor, movieId, venueId, from, to } = query
    const filter = { movieId: movieId ?? null, venueId: venueId ?? null, from: from ?? null, to: to ?? null }
    send(response, await listShowtimes(pool, filter, limit, pageCursor(cursor), showtimeSellsForMs))
  })

  routes.on(catalogue.getShowtime, async ({ params, response }) => {
    const showtime = await findShowtime(pool, params.id, showtimeSellsForMs)
    if (showtime === null) throw notFound('showtime')
    send(response, showtime)
  })

  const sendSeatMap = async (kind: 'showtime' | 'event', id: string, request: Request, response: Response) => {
    const seatMap = await seatMaps.get(kind, id)
    if (seatMap === null) throw notFound(kind === 'event' ? 'event with a house' : kind)
    sendCachedJson(request, response, seatMap, SEAT_MAP_CACHE)
  }

  routes.on(catalogue.getSeatMap, ({ params, request, response }) =>
    sendSeatMap('showtime', params.id, request, response),
  )

  routes.on(catalogue.getEventSeatMap, ({ params, request, response }) =>
    sendSeatMap('event', params.id, request, response),
  )

  routes.on(catalogue.listEvents, async ({ query, response }) => {
    send(response, await listEvents(pool, query.limit, pageCursor(query.cursor)))
  })

  routes.on(catalogue.getEvent, async ({ params, response }) => {
    const event = await findEvent(pool, params.id)
    if (event === null) throw notFound('event')
    send(response, event)
  })

  return routes.router
}

function send(response: Response, body: unknown): void {
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('Cache-Control', CATALOGUE_CACHE)
  response.end(JSON.stringify(body))
}
