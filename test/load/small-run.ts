import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { publishOutgoingEvents } from '@boxoffice/core/outbox/publish-outgoing-events.ts'
import { requestRefund } from '@boxoffice/core/bookings/payments/request-refund.ts'
import { sendDueRefunds } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import type { Submission } from '@boxoffice/core/domain/booking-request.ts'
import { checkIn } from '@boxoffice/core/tickets/check-in.ts'
import { signTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'
import type { ObservedRequest } from '../../apps/load/src/generator/outcome.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import type { TestDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
import { laneOf } from '../support/lanes.ts'
import {
  closeLifecycles,
  type GivenBooking,
  givenPaid,
  openLifecycle,
  staffOf,
  ticketIdsOf,
} from '../support/lifecycle.ts'
import { ticketKeys } from '../tickets/keys.ts'

/** A run as its clients saw it. */
export interface Told {
  readonly resourceIds: readonly string[]
  readonly requests: readonly ObservedRequest[]
  readonly references: readonly string[]
  readonly bookings: number
}

/**
 * Plays a little of everything that can become of a request: an event with limits and a promo code, whose last tickets
 * somebody misses; a showtime (of `A1` and `A2` paid, partly refunded and admitted, `A3` cancelled and refunded, `A4`
 * pending); and another one whose `A1` two people wanted. All work is done.
 */
export async function playSmallRun(db: TestDatabase): Promise<Told> {
  const event = await givenEvent(db.database, {
    ticketTypes: [
      { capacity: 10, maxPerCustomer: 3 },
      { capacity: 4, price: 3_333 },
    ],
  })
  const { organizerId } = event
  const { code } = await givenPromoCode(db.database, { organizerId, maxRedemptions: 5, maxPerCustomer: 2 })
  const soon = new Date(Date.now() + 30 * 60_000)
  const played = await givenShowtime(db.database, { organizerId, startsAt: soon })
  const wanted = await givenShowtime(db.database, { organizerId })
  const [limited = '', scarce = ''] = event.ticketTypeIds

  const told = await decide(db, [
    ticketsRequest(event.eventId, [{ ticketTypeId: limited, quantity: 2 }], withPromoCode(code)),
    seatsRequest(played.showtimeId, ['A1', 'A2']),
    seatsRequest(played.showtimeId, ['A3']),
    seatsRequest(played.showtimeId, ['A4']),
    ticketsRequest(event.eventId, [{ ticketTypeId: scarce, quantity: 3 }]),
    ticketsRequest(event.eventId, [{ ticketTypeId: scarce, quantity: 2 }]),
    seatsRequest(wanted.showtimeId, ['A1']),
    seatsRequest(wanted.showtimeId, ['A1']),
  ])
  const [, kept, cancelled] = await bookingsOf(db, told)
  if (kept === undefined || cancelled === undefined) throw new Error('not everything was booked')
  await liveOn(db, kept, cancelled)
  await publishOutgoingEvents(db.database)
  return {
    resourceIds: [event.eventId, played.showtimeId, wanted.showtimeId],
    requests: told,
    references: [kept.reference],
    bookings: told.filter(({ outcome }) => outcome === 'booked').length,
  }
}

const withPromoCode = (promoCode: string): Partial<Submission> => ({
  payload: { customer: { name: 'Ada Lovelace', email: 'ada@example.org' }, promoCode },
})

/** Accepts them one after the other and decides them, as clients see it whose requests were all on their way at once. */
async function decide(db: TestDatabase, submissions: readonly Submission[]): Promise<ObservedRequest[]> {
  const engine = openEngine(db)
  try {
    const accepted: { readonly id: string; readonly resourceId: string; readonly lane: number }[] = []
    for (const submission of submissions) {
      const stored = await engine.line.accept(submission)
      accepted.push({ id: stored.view.id, resourceId: submission.resourceId, lane: laneOf(stored) })
    }
    for (const lane of new Set(accepted.map(({ lane: own }) => own))) await engine.decideWaiting(lane)
    const { rows } = await db.database.pool.query<{ id: string; state: 'booked' | 'refused' }>(
      'select id, state from booking_requests',
    )
    const outcomes = new Map(rows.map(({ id, state }) => [id, state]))
    return accepted.map(({ id, resourceId }) => {
      const outcome = outcomes.get(id) ?? null
      return { requestId: id, resourceId, sentMs: 0, acceptedMs: 10, decidedMs: 20, outcome }
    })
  } finally {
    await engine.close()
  }
}

/** Returns the bookings in the order of the requests, refused ones left out. */
async function bookingsOf({ database }: TestDatabase, told: readonly ObservedRequest[]): Promise<GivenBooking[]> {
  const { rows } = await database.pool.query<GivenBooking>(
    `select b.id, b.reference, b.resource_id as "resourceId", b.organizer_id as "organizerId", b.owner, b.total, b.fee
     from unnest($1::uuid[]) with ordinality as i(id, n) join bookings b on b.request_id = i.id order by i.n`,
    [told.map(({ requestId }) => requestId)],
  )
  return rows
}

/** Pays for both. Of the first a part goes back and one ticket is used; the second is cancelled. */
async function liveOn(db: TestDatabase, kept: GivenBooking, cancelled: GivenBooking): Promise<void> {
  const lifecycle = openLifecycle(db)
  try {
    await givenPaid(lifecycle, kept)
    await givenPaid(lifecycle, cancelled)
    const common = { requestId: 'test', keyed: null }
    await requestRefund(lifecycle, {
      ...common,
      reference: kept.reference,
      caller: staffOf(kept, 'organizer'),
      amount: 500,
      reason: 'Sorry',
      cancelBooking: false,
    })
    await cancelBooking(lifecycle, { ...common, reference: cancelled.reference, caller: staffOf(cancelled) })
    await sendDueRefunds(lifecycle)

    const keys = ticketKeys()
    const [ticketId = ''] = await ticketIdsOf(db, kept)
    const { resourceId } = kept
    const token = signTicketToken(keys, { ticketId, resourceId, seat: 'A1', ticketTypeId: null })
    const scan = { token, nonce: 'scan-1', device: 'device-1', gate: 'Main door', resourceId, scannedAt: null }
    const { result } = await checkIn({ database: lifecycle.database, ticketKeys: keys }, scan, staffOf(kept), 'test')
    if (result !== 'admitted') throw new Error(`the ticket was not admitted: ${result}`)
  } finally {
    await closeLifecycles()
  }
}
