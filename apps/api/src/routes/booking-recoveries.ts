import type { Router } from 'express'
import type pg from 'pg'
import { redeemBookingRecovery, requestBookingRecovery } from '@boxoffice/contract/operations/booking-recoveries.ts'
import type { Secrets } from '@boxoffice/core/settings/secrets.ts'
import type { RecoveryDesk } from '@boxoffice/core/bookings/recovery/recovery-desk.ts'
import { redeemRecovery } from '@boxoffice/core/bookings/recovery/redeem-recovery.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { type RouteDependencies, Routes } from '../http/routes.ts'
import { sendPrivateJson } from '../http/send-json.ts'

export interface BookingRecoveryDependencies {
  readonly desk: RecoveryDesk
  /** For reads. */
  readonly pool: pg.Pool
  readonly secrets: Pick<Secrets, 'guestSecret'>
}

const TAKEN = { detail: 'If there is such a booking, a mail with a link to it is on its way.' }

/** How a guest who has lost the session comes back to a booking: by a link mailed to its address. */
export function bookingRecoveryRoutes(
  deps: RouteDependencies,
  { desk, pool, secrets }: BookingRecoveryDependencies,
): Router {
  const routes = new Routes(deps)

  // Nothing is looked up before the answer: neither what it says nor how long it takes tells who has booked.
  routes.on(requestBookingRecovery, ({ body, response }) => {
    sendPrivateJson(response, 202, TAKEN)
    desk.take(body)
  })

  routes.on(redeemBookingRecovery, async ({ body, response }) => {
    const session = await redeemRecovery(pool, body.token, secrets.guestSecret)
    if (session === null)
      throw new Problem('invalid_recovery', { detail: 'Ask for a new link; one is good for an hour.' })
    sendPrivateJson(response, 200, session)
  })

  return routes.router
}
