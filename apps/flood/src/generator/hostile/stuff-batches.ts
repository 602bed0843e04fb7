import type { Errand, World } from '../world.ts'
import type { HostileAct } from './act.ts'
import { requestHostile } from './provoke.ts'

/** Asks for so many tickets at once that a batch of such requests is too heavy to decide. */
export function stuffBatches(act: Extract<HostileAct, { name: 'stuff-batches' }>, world: World): Errand {
  const wanted = {
    resource: { type: 'event', id: act.eventId },
    tickets: act.ticketTypeIds.map((ticketTypeId) => ({ ticketTypeId, quantity: act.quantity })),
  } as const
  return async (visit) => {
    // What is wanted is a long line, so nobody waits for an outcome.
    await requestHostile(world, visit, { token: act.token, wanted, waitS: 0 })
  }
}
