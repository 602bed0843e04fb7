import type { Errand, World } from '../world.ts'
import type { HostileAct } from './act.ts'
import { beRefused } from './be-refused.ts'
import { bookAndCancel } from './book-and-cancel.ts'
import { guessCodes } from './guess-codes.ts'
import { GuestSessions } from './guest-sessions.ts'
import { neverRead } from './never-read.ts'
import { readReports } from './read-reports.ts'
import { stuffBatches } from './stuff-batches.ts'

/** Returns what the arrivals of a hostile stream do. */
export function openHostile(act: HostileAct, world: World): Errand {
  switch (act.name) {
    case 'stuff-batches':
      return stuffBatches(act, world)
    case 'book-and-cancel':
      return bookAndCancel(act, world, new GuestSessions(world, act.sessions))
    case 'be-refused':
      return beRefused(act, world, new GuestSessions(world, act.sessions))
    case 'never-read':
      return neverRead(act, world)
    case 'guess-codes':
      return guessCodes(act, world, new GuestSessions(world, act.sessions))
    case 'read-reports':
      return readReports(act, world)
  }
}
