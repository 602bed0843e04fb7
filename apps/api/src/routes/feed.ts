import type { Router } from 'express'
import { readFeed } from '@boxoffice/contract/operations/feed.ts'
import { listFeed, readFeedPosition } from '@boxoffice/core/outbox/queries/list-feed.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { organizerOf } from '../http/organizer-of.ts'
import type { Reports } from '../http/reports.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

/** The outgoing events of an organizer, for whoever would rather ask than be called. */
export function feedRoutes(deps: RouteDependencies, reports: Reports): Router {
  const routes = new Routes(deps)

  routes.on(readFeed, async ({ caller, query, response }) => {
    const organizerId = organizerOf(caller, query.organizerId)
    if (query.cursor === 'latest') {
      const last = await reports.read(caller, 'limit', (lists) => readFeedPosition(lists.pool))
      sendPrivateJson(response, 200, { items: [], nextCursor: String(last), more: false })
      return
    }
    const from = Number(query.cursor ?? 0)
    const { items, position, last, more } = await reports.read(caller, 'limit', (lists) =>
      listFeed(lists.pool, organizerId, from, query.limit, query.types ?? null),
    )
    if (from > last) {
      // Such as one of another database: events would be passed over until this one's feed is as long.
      const detail = 'Must be the nextCursor of another page.'
      throw new Problem('invalid_request', { detail, errors: [{ pointer: '/cursor', detail }] })
    }
    sendPrivateJson(response, 200, { items, nextCursor: String(position), more })
  })

  return routes.router
}
