import type { HostileAct } from '../../generator/hostile/act.ts'
import type { Arrivals, Stream } from '../../generator/plan.ts'
import { scaled } from '../pace.ts'
import { type Phases, secondsOf } from './phases.ts'
import type { HostileStage } from './set-stage.ts'

/** Booking requests of more tickets than are allowed, and as many of the most that are. */
const STUFFED = 450
/** Of each of 20 ticket types; 20,000 tickets are far too many. */
const TOO_MANY = 1_000
const SELLERS_MOST = 1_000
const FEWEST_TOO_MANY = 60
/** Calls a second of each kind. */
const LOOPS = 30
const REFUSALS = 100
const GUESSES = 50
const REPORTS = 10
/** Connections in all. */
const SLOW_READERS = 300
/** Of a seat map each: more than the buffers of both sides hold. */
const CALLS_OF_SLOW_READER = 8

export const REFUSALS_ALONE = 'refusals alone'
export const TOO_LARGE = 'stuffed batches, too large'

export interface Attack {
  readonly stage: HostileStage
  readonly phases: Phases
  readonly scale: number
  /** A token of the hostile organizer. */
  readonly organizer: string
}

/** The streams of hostile callers. Each has addresses of its own in 127.0.0.0/8, some hundreds together. */
export function attackersOf({ stage, phases, scale, organizer }: Attack): Stream[] {
  const { hostile, refusals } = phases
  const perSecond = (rate: number, phase = hostile): Arrivals => {
    // A quick run is too short for these rates at this scale: each kind comes at least some times.
    const least = LEAST_ARRIVALS / secondsOf(phase)
    return { shape: 'steady', perSecond: Math.max(least, rate * Math.min(1, scale * 10)), ...phase }
  }
  const inAll = (count: number) => perSecond(scaled(count, scale, LEAST_ARRIVALS) / secondsOf(hostile))
  const beRefused: HostileAct = {
    name: 'be-refused',
    showtimeId: stage.attackedShowtime.showtimeId,
    seats: [stage.soldSeat, 'NOWHERE1'],
  }
  const stuff = (quantity: number): HostileAct => ({
    name: 'stuff-batches',
    token: organizer,
    eventId: stage.stuffed.eventId,
    ticketTypeIds: stage.stuffed.ticketTypeIds,
    quantity,
  })
  const types = stage.stuffed.ticketTypeIds.length
  return [
    streamOf(REFUSALS_ALONE, 70, 100, perSecond(REFUSALS, refusals), beRefused),
    streamOf(TOO_LARGE, 71, 10, inAll(STUFFED), stuff(scaled(TOO_MANY, scale, FEWEST_TOO_MANY))),
    streamOf('stuffed batches, largest allowed', 72, 10, inAll(STUFFED), stuff(SELLERS_MOST / types)),
    streamOf('free bookings, cancelled', 73, 60, perSecond(LOOPS), { name: 'book-and-cancel', sale: stage.free }),
    streamOf('refusals', 74, 100, perSecond(REFUSALS), beRefused),
    streamOf('slow readers', 75, 50, inAll(SLOW_READERS), {
      name: 'never-read',
      paths: slowPaths(stage),
      calls: CALLS_OF_SLOW_READER,
      holdMs: hostile.untilMs - hostile.fromMs,
    }),
    streamOf('guessed codes', 76, 50, perSecond(GUESSES), { name: 'guess-codes', sale: stage.paid }),
    streamOf('reports', 77, 10, perSecond(REPORTS), {
      name: 'read-reports',
      token: organizer,
      paths: reportPaths(stage),
    }),
  ]
}

const LEAST_ARRIVALS = 6

function streamOf(name: string, net: number, addresses: number, arrivals: Arrivals, act: HostileAct): Stream {
  return {
    name,
    headline: false,
    address: null,
    localAddress: `127.${net}.{m}.{n}`,
    // Their tokens are not used: what counts is how many addresses take turns.
    customers: { from: 0, count: addresses },
    arrivals,
    errand: { kind: 'hostile', act },
  }
}

const slowPaths = ({ attackedShowtime: { showtimeId }, paid: { eventId } }: HostileStage): string[] => [
  `/v1/showtimes/${showtimeId}/seat-map`,
  `/v1/showtimes/${showtimeId}/seat-map`,
  `/v1/showtimes/${showtimeId}/availability/stream`,
  `/v1/events/${eventId}/availability/stream`,
]

const reportPaths = ({ stuffed: { eventId } }: HostileStage): string[] => [
  '/v1/audit?action=nothing.happened&limit=100',
  '/v1/audit?actor=nobody&limit=100',
  '/v1/feed?types=venue.updated&limit=100',
  '/v1/bookings?status=no_show&limit=100',
  `/v1/revoked-tickets?resourceId=${eventId}&limit=100`,
]
