import { randomUUID } from 'node:crypto'
import type { Router } from 'express'
import * as guestSessions from '@boxoffice/contract/operations/guest-sessions.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import { signGuestToken } from '@boxoffice/core/access/tokens.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'

/** Long enough to come back for one's booking on the evening of the show's announcement and on the weekend after. */
const GUEST_TTL_S = 7 * 86_400

/** Serves guest sessions: a customer's token for a buyer without an account. */
export function guestSessionRoutes(deps: RouteDependencies, { guestSecret }: Pick<Secrets, 'guestSecret'>): Router {
  const routes = new Routes(deps)
  routes.on(guestSessions.create, async ({ response }) => {
    const token = await signGuestToken(randomUUID(), GUEST_TTL_S, guestSecret)
    sendPrivateJson(response, 201, { token, expiresIn: GUEST_TTL_S })
  })
  return routes.router
}
