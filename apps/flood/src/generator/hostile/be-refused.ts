import { waitSeconds, type Errand, type World } from '../world.ts'
import type { HostileAct } from './act.ts'
import type { GuestSessions } from './guest-sessions.ts'
import { requestHostile } from './provoke.ts'

/** Asks for what cannot be had: each refusal is decided, stored and told all the same. */
export function beRefused(
  { showtimeId, seats }: Extract<HostileAct, { name: 'be-refused' }>,
  world: World,
  sessions: GuestSessions,
): Errand {
  const resource = { type: 'showtime', id: showtimeId } as const
  let turn = 0
  return async (visit) => {
    const seat = seats[turn++ % seats.length] ?? ''
    const token = await sessions.tokenOf(visit)
    if (token === null) return
    await requestHostile(world, visit, { token, wanted: { resource, seats: [seat] }, waitS: waitSeconds(world) })
  }
}
