import { randomUUID } from 'node:crypto'
import { Router } from 'express'
import { z } from 'zod'
import type { Secrets } from '@boxoffice/core/secrets.ts'
import { signGuestToken } from '@boxoffice/core/tokens.ts'
import { sendPrivateJson } from '../http/send-json.ts'
import { validate } from '../http/validate.ts'

/** Long enough to come back for one's booking on the evening of the show's announcement and on the weekend after. */
const GUEST_TTL_S = 7 * 86_400

const guestSessionBody = z.strictObject({}).optional()

/** Guest sessions: a customer's token for someone without an account. */
export function guestSessionRoutes({ secrets }: { readonly secrets: Pick<Secrets, 'guestSecret'> }): Router {
  const router = Router()
  router.post('/v1/guest-sessions', async (request, response) => {
    validate(guestSessionBody, request.body)
    const token = await signGuestToken(randomUUID(), GUEST_TTL_S, secrets.guestSecret)
    sendPrivateJson(response, 201, { token, expiresIn: GUEST_TTL_S })
  })
  return router
}
