import type { Errand, World } from '../world.ts'
import type { HostileAct } from './act.ts'
import { bearer, provoke } from './provoke.ts'

/** Reads an organizer's lists, one after the other. */
export function readReports({ token, paths }: Extract<HostileAct, { name: 'read-reports' }>, world: World): Errand {
  let turn = 0
  return async (visit) => {
    const path = paths[turn++ % paths.length] ?? ''
    const answer = await provoke(world, visit, { method: 'GET', path, headers: bearer(token) })
    if (answer?.status === 200) visit.tally.read(world.now() - visit.intendedMs)
  }
}
