import type { HostileAct } from '../../../generator/journeys/hostile/act.ts'
import type { Arrivals, Stream } from '../../../generator/plan.ts'
import { scaled } from '../pace.ts'
import { type Phases, secondsOf } from './phases.ts'
import type { HostileCatalogue } from './prepare.ts'

/** Booking requests of more tickets than are allowed, and as many of the most that are. */
const STUFFED = 450
/** Tickets of each of 20 types: 20,000 in a request are far too many, and so are the 1,200 of a small run. */
const TOO_MANY = 1_000
const FEWEST_TOO_MANY = 60
/** Tickets of a booking that a seller's token may make: the default of MAX_TICKETS_PER_SELLER_BOOKING. */
const SELLERS_MOST = 1_000
/** Calls a second of each kind. */
const LOOPS = 30
const REFUSALS = 100
const GUESSES = 50
const REPORTS = 10
/** Share of a kind's calls that come from few callers, over their limits; the others come from many, below them. */
const FROM_FEW = 0.7
const FEW = { addresses: 4, sessions: 2 }
const MANY = { addresses: 80, sessions: 20 }
/** Connections in all, each of which asks for as much as the buffers of both sides do not hold. */
const SLOW_READERS = 300
const CALLS_OF_SLOW_READER = 8
const AFTERWARDS_MS = 2_000
/** Arrivals of a stream at the least: a small run is too short for these rates at its scale. */
const LEAST_ARRIVALS = 6

export const REFUSALS_ALONE = 'refusals alone'
export const TOO_LARGE = 'stuffed batches, too large'

export interface Attack {
  readonly catalogue: HostileCatalogue
  readonly phases: Phases
  readonly scale: number
  /** A token of the hostile organizer. */
  readonly organizer: string
}

/** Returns the streams of hostile callers. Each has addresses of its own in 127.0.0.0/8, some hundreds together. */
export function attackersOf({ catalogue, phases, scale, organizer }: Attack): Stream[] {
  const { hostile, refusals } = phases
  const inAll = (count: number, phase = hostile): Arrivals => ({
    shape: 'steady',
    perSecond: Math.max(LEAST_ARRIVALS, count) / secondsOf(phase),
    ...phase,
  })
  const perSecond = (rate: number, phase = hostile) => inAll(rate * secondsOf(phase) * Math.min(1, scale * 10), phase)
  const fromFewAndMany = (name: string, net: number, rate: number, act: (sessions: number) => HostileAct): Stream[] => [
    streamOf(`${name}, few callers`, net, FEW.addresses, perSecond(rate * FROM_FEW), act(FEW.sessions)),
    streamOf(`${name}, many callers`, net + 1, MANY.addresses, perSecond(rate * (1 - FROM_FEW)), act(MANY.sessions)),
  ]
  const { eventId, ticketTypeIds } = catalogue.stuffed
  const stuff = (quantity: number): HostileAct => ({
    name: 'stuff-batches',
    token: organizer,
    eventId,
    ticketTypeIds,
    quantity,
  })
  const beRefused = (sessions: number): HostileAct => ({
    name: 'be-refused',
    showtimeId: catalogue.attackedShowtime.showtimeId,
    seats: [catalogue.soldSeat, 'NOWHERE1'],
    sessions,
  })
  const bookAndCancel = (sessions: number): HostileAct => ({ name: 'book-and-cancel', sale: catalogue.free, sessions })
  const guessCodes = (sessions: number): HostileAct => ({ name: 'guess-codes', sale: catalogue.paid, sessions })
  const neverRead: HostileAct = {
    name: 'never-read',
    paths: slowPaths(catalogue),
    calls: CALLS_OF_SLOW_READER,
    // Only after the honest buyers: what slow readers read in the end keeps everybody busy.
    untilMs: hostile.untilMs + AFTERWARDS_MS,
  }
  const tooMany = scaled(TOO_MANY, scale, FEWEST_TOO_MANY)
  const most = SELLERS_MOST / ticketTypeIds.length
  return [
    streamOf(REFUSALS_ALONE, 70, 10, perSecond(REFUSALS, refusals), beRefused(MANY.sessions)),
    streamOf(TOO_LARGE, 71, 10, inAll(STUFFED * scale), stuff(tooMany)),
    streamOf('stuffed batches, largest allowed', 72, 10, inAll(STUFFED * scale), stuff(most)),
    streamOf('slow readers', 73, 50, inAll(SLOW_READERS * scale), neverRead),
    streamOf('reports', 74, 10, perSecond(REPORTS), {
      name: 'read-reports',
      token: organizer,
      paths: reportPaths(catalogue),
    }),
    ...fromFewAndMany('refusals', 80, REFUSALS, beRefused),
    ...fromFewAndMany('free bookings, cancelled', 82, LOOPS, bookAndCancel),
    ...fromFewAndMany('guessed codes', 84, GUESSES, guessCodes),
  ]
}

function streamOf(name: string, net: number, addresses: number, arrivals: Arrivals, act: HostileAct): Stream {
  return {
    name,
    headline: false,
    localAddress: `127.${net}.{m}.{n}`,
    // Their tokens are not used: what counts is how many addresses take turns.
    customers: { from: 0, count: addresses },
    arrivals,
    journey: { kind: 'hostile', act },
  }
}

const slowPaths = ({ attackedShowtime: { showtimeId }, paid: { eventId } }: HostileCatalogue): string[] => [
  `/v1/showtimes/${showtimeId}/seat-map`,
  `/v1/showtimes/${showtimeId}/seat-map`,
  `/v1/showtimes/${showtimeId}/availability/stream`,
  `/v1/events/${eventId}/availability/stream`,
]

const reportPaths = ({ stuffed: { eventId } }: HostileCatalogue): string[] => [
  '/v1/audit?action=nothing.happened&limit=100',
  '/v1/audit?actor=nobody&limit=100',
  '/v1/feed?types=venue.updated&limit=100',
  '/v1/bookings?status=no_show&limit=100',
  `/v1/revoked-tickets?resourceId=${eventId}&limit=100`,
]
