import type { Router } from 'express'
import type pg from 'pg'
import * as bookingRecoveries from '@boxoffice/contract/operations/booking-recoveries.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import type { RecoveryRequests } from '@boxoffice/core/bookings/recovery/recovery-requests.ts'
import { redeemRecovery } from '@boxoffice/core/bookings/recovery/redeem-recovery.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { type RouteDependencies, Routes } from '../routing/routes.ts'
import { sendPrivateJson } from '../answers/send-json.ts'

export interface BookingRecoveryDependencies {
  readonly recoveries: RecoveryRequests
  /** For reads. */
  readonly pool: pg.Pool
  readonly secrets: Pick<Secrets, 'guestSecret'>
}

const TAKEN = { detail: 'If the booking exists, a mail with a link to it is on its way.' }

/** Serves recoveries: a guest who has lost the session comes back to a booking by a link mailed to its address. */
export function bookingRecoveryRoutes(
  deps: RouteDependencies,
  { recoveries, pool, secrets }: BookingRecoveryDependencies,
): Router {
  const routes = new Routes(deps)

  // Nothing is looked up before the answer: neither what it says nor how long it takes tells who has booked.
  routes.on(bookingRecoveries.request, ({ body, response }) => {
    sendPrivateJson(response, 202, TAKEN)
    recoveries.take(body)
  })

  routes.on(bookingRecoveries.redeem, async ({ body, response }) => {
    const session = await redeemRecovery(pool, body.token, secrets.guestSecret)
    if (session === null)
      throw new Problem('invalid_recovery', { detail: 'Request a new link; a link is valid for an hour.' })
    sendPrivateJson(response, 200, session)
  })

  return routes.router
}
