import { waitSeconds, type Errand, type World } from '../world.ts'
import type { HostileAct } from './act.ts'
import type { GuestSessions } from './guest-sessions.ts'
import { bearer, provoke, requestHostile } from './provoke.ts'

/** Books a free ticket for a stranger and cancels it: two mails, and nothing that counts against a limit of holds. */
export function bookAndCancel(
  { sale }: Extract<HostileAct, { name: 'book-and-cancel' }>,
  world: World,
  sessions: GuestSessions,
): Errand {
  const wanted = {
    resource: { type: 'event', id: sale.eventId },
    tickets: [{ ticketTypeId: sale.ticketTypeId, quantity: 1 }],
  } as const
  return async (visit) => {
    const token = await sessions.tokenOf(visit)
    if (token === null) return
    const seen = await requestHostile(world, visit, { token, wanted, waitS: waitSeconds(world) })
    if (seen === null || seen.reference === null) return
    const cancelled = await provoke(world, visit, {
      method: 'POST',
      path: `/v1/bookings/${seen.reference}/cancel`,
      headers: { ...bearer(token), 'idempotency-key': `${world.runId}-${visit.number}-cancel` },
    })
    if (cancelled?.status === 200) visit.tally.step('cancelled')
  }
}
