import { randomUUID } from 'node:crypto'
import { createApiKey, revokeApiKey } from '@boxoffice/core/access/api-keys.ts'
import { changeLine } from '@boxoffice/core/booking-requests/lines/change-lines.ts'
import { cancelBooking } from '@boxoffice/core/bookings/cancel-booking.ts'
import { cancelResource } from '@boxoffice/core/bookings/cancel-resource.ts'
import { cancelResources } from '@boxoffice/core/bookings/cancel-resources.ts'
import { changeStatus } from '@boxoffice/core/bookings/change-status.ts'
import { closeResources } from '@boxoffice/core/bookings/close-resources.ts'
import { expireHolds } from '@boxoffice/core/bookings/expire-holds.ts'
import { remindOfHolds } from '@boxoffice/core/bookings/remind-of-holds.ts'
import { requestRefund } from '@boxoffice/core/bookings/payments/request-refund.ts'
import { sendRefund } from '@boxoffice/core/bookings/payments/send-refunds.ts'
import { giveBack, keepPlaces } from '@boxoffice/core/catalogue/blocks/keep-places.ts'
import { createEvent } from '@boxoffice/core/catalogue/create-event.ts'
import { createLayout } from '@boxoffice/core/catalogue/create-layout.ts'
import { createPromoCodes } from '@boxoffice/core/catalogue/create-promo-codes.ts'
import { deleteLayout } from '@boxoffice/core/catalogue/delete-layout.ts'
import { changeThing, createThing } from '@boxoffice/core/catalogue/plain-thing.ts'
import { auditoriums, movies, organizers, venues } from '@boxoffice/core/catalogue/plain-things.ts'
import { addTicketType } from '@boxoffice/core/catalogue/ticket-types.ts'
import { updateEvent } from '@boxoffice/core/catalogue/update-event.ts'
import { updatePromoCode } from '@boxoffice/core/catalogue/update-promo-code.ts'
import { updateShowtime } from '@boxoffice/core/catalogue/update-showtime.ts'
import { updateTicketType } from '@boxoffice/core/catalogue/update-ticket-type.ts'
import { withCounts } from '@boxoffice/core/catalogue/count-customers.ts'
import { inTransaction, type Transaction } from '@boxoffice/core/db/transaction.ts'
import type { PaymentReport, RefundReport } from '@boxoffice/core/payments/provider.ts'
import { type Cause, SYSTEM } from '@boxoffice/core/records/cause.ts'
import { checkIn } from '@boxoffice/core/tickets/check-in.ts'
import { signTicketToken } from '@boxoffice/core/tickets/ticket-token.ts'
import { createEndpoint } from '@boxoffice/core/webhooks/create-endpoint.ts'
import { deleteEndpoint } from '@boxoffice/core/webhooks/delete-endpoint.ts'
import { disableEndpoint } from '@boxoffice/core/webhooks/disable-endpoint.ts'
import { rotateSecret } from '@boxoffice/core/webhooks/rotate-secret.ts'
import { updateEndpoint } from '@boxoffice/core/webhooks/update-endpoint.ts'
import { givenEvent, givenPromoCode, givenShowtime } from '../support/catalogue.ts'
import type { TestDatabase } from '../support/database.ts'
import { openEngine, seatsRequest, ticketsRequest } from '../support/engine.ts'
import { laneOf, TEST_LANES } from '../support/lanes.ts'
import {
  givenBooking,
  type GivenBooking,
  givenPaid,
  type Lifecycle,
  openLifecycle,
  runOutOfTime,
  staffOf,
  startPaying,
  ticketIdsOf,
} from '../support/lifecycle.ts'
import { ticketKeys } from '../tickets/keys.ts'

const HOUR_MS = 60 * 60_000
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS)
const REFUND_POLICY = { tiers: [{ noticeMs: HOUR_MS, basisPoints: 5_000 }], refundsFee: true }

/** Makes an organizer's outgoing events of every type, every field of them included. */
export async function letEverythingHappen(db: TestDatabase, organizerId: string): Promise<void> {
  const at: Place = { db, lifecycle: openLifecycle(db), organizerId, own: { ...SYSTEM, organizerId } }
  await manageShowtimes(at)
  await manageEvents(at)
  await manageConcert(at)
  await manageAccess(at)
  await liveThroughShow(at)
}

interface Place {
  readonly db: TestDatabase
  readonly lifecycle: Lifecycle
  readonly organizerId: string
  readonly own: Cause & { readonly organizerId: string }
}

const write = <T>({ db }: Place, work: (tx: Transaction) => Promise<T>) => inTransaction(db.database, work)

/** Pauses, drains and resumes the line of a showtime or event. */
async function changeLineInEveryWay({ db, own, organizerId }: Place, kind: 'showtime' | 'event', id: string) {
  for (const action of ['pause', 'drain', 'resume'] as const) {
    const line = { id, kind, organizerId }
    await changeLine(db.database, { ...own, line, action, reason: 'The hall was double-booked', keyed: null })
  }
}

/** Keeps a seat and gives it back. */
async function keepSeat(at: Place, kind: 'showtime' | 'event', resourceId: string, seat: string): Promise<void> {
  const places = { seats: [seat], areas: [] }
  await write(at, async (tx) => {
    const what = { ...at.own, kind, resourceId }
    const { id } = await keepPlaces(tx, { ...what, ...places, reason: 'For the press', keyed: null })
    await giveBack(tx, { ...what, blockId: id, places: null })
  })
}

/** Rates, and what a category costs at them. */
const RATES = [
  { code: 'adult', name: 'Adult' },
  { code: 'child', name: 'Child', needs: 'adult', maxPerBooking: 4 },
]
const PRICES = [
  { category: 'Standard', price: 900, rates: { child: 500 } },
  { category: 'Box', price: null },
]

const TERMS = {
  holdTtlMs: HOUR_MS,
  refundPolicy: REFUND_POLICY,
  checkInOpensMs: HOUR_MS,
  salesStartAt: inHours(-1),
  salesEndAt: inHours(40),
  rates: RATES,
  singleSeats: 'refuse',
} as const

async function manageShowtimes(at: Place): Promise<void> {
  const { own, organizerId } = at
  const show = await givenShowtime(at.db.database, { organizerId })
  const { auditoriumId, movieId, showtimeId } = show
  await changeLineInEveryWay(at, 'showtime', showtimeId)
  await keepSeat(at, 'showtime', showtimeId, 'A1')
  const seating = { ...own, auditoriumId, categories: ['Standard', 'Box'] }
  const seat = (number: number, category: string) => ({ number, x: number, y: 0, category })
  await write(at, async (tx) => {
    await createLayout(tx, { ...seating, rows: [{ label: 'A', seats: [seat(1, 'Standard'), seat(2, 'Box')] }] })
    const film = { title: 'B', synopsis: 'C', durationMinutes: 90, rating: '12' }
    await changeThing(tx, movies, own, { id: movieId, organizerId, changes: film })
    const changes = { startsAt: inHours(48), maxSeatsPerBooking: 4, prices: PRICES, layoutVersion: 2, ...TERMS }
    await updateShowtime(tx, { ...own, showtimeId, ...changes })
    await updateShowtime(tx, { ...own, showtimeId, status: 'draft' })
    await updateShowtime(tx, { ...own, showtimeId, status: 'active' })

    const venueId = await createThing(tx, venues, own, { organizerId, name: 'Kino', timeZone: 'Europe/Lisbon' })
    const moved = { name: 'Cine', address: 'Quay 4', timeZone: 'Europe/Berlin' }
    await changeThing(tx, venues, own, { id: venueId, organizerId, changes: moved })
    const other = await createThing(tx, auditoriums, own, { organizerId, venueId, name: 'One' })
    await changeThing(tx, auditoriums, own, { id: other, organizerId, changes: { name: 'Two' } })
    const rows = [{ label: 'A', seats: [seat(1, 'Standard')] }]
    for (const _ of [1, 2]) await createLayout(tx, { ...own, auditoriumId: other, categories: ['Standard'], rows })
    await deleteLayout(tx, { ...own, auditoriumId: other, version: 1 })
    await cancelResource(tx, { ...own, kind: 'showtime', id: showtimeId, reason: 'The projector broke', keyed: null })
    for (const changes of [
      { name: 'D', feeBasisPoints: 200, contactEmail: 'kino@example.org', trustedNetworks: ['198.51.100.0/24'] },
      { contactEmail: null },
    ]) {
      await changeThing(tx, organizers, own, { id: organizerId, organizerId, changes })
    }
  })
}

async function manageEvents(at: Place): Promise<void> {
  const { own, organizerId, db } = at
  const { eventId, ticketTypeIds } = await givenEvent(db.database, { organizerId })
  const [ticketTypeId = ''] = ticketTypeIds
  await changeLineInEveryWay(at, 'event', eventId)
  const { promoCodeId } = await givenPromoCode(db.database, { organizerId })
  await givenPromoCode(db.database, { organizerId, code: 'TENOFF', kind: 'fixed', resourceIds: [eventId] })
  const window = { startsAt: inHours(1), endsAt: inHours(2) }
  const scopes = { ticketTypeIds, categories: ['Stalls'], rates: ['child'], opensTicketTypeIds: ticketTypeIds }
  const places = { maxTickets: 20, maxTicketsPerBooking: 2 }
  const limits = { ...window, maxRedemptions: 10, maxPerCustomer: 1, resourceIds: [eventId], ...places, ...scopes }
  await withCounts(db.database, (counts) =>
    write(at, (tx) => updatePromoCode(tx, { ...own, promoCodeId, active: false, value: 1_000, ...limits }, counts)),
  )
  const batch = { count: 2, prefix: 'EARLY-', kind: 'percent', value: 1_000 } as const
  await write(at, (tx) => createPromoCodes(tx, { ...own, ...batch, ...limits }))
  const type = { name: 'E', price: 100, capacity: 50, active: false, hidden: true, minPerBooking: 2, maxPerBooking: 5 }
  const sale = { saleStartsAt: inHours(1), saleEndsAt: inHours(2), maxPerCustomer: 3 }
  await withCounts(db.database, (counts) =>
    write(at, (tx) => updateTicketType(tx, { ...own, eventId, ticketTypeId, ...type, ...sale }, counts)),
  )
  const { ticketTypeId: added } = await write(at, (tx) =>
    addTicketType(tx, { ...own, eventId, ticketType: { name: 'F', price: 500, capacity: 5 } }),
  )
  await write(at, async (tx) => {
    const place = { title: 'G', description: 'H', venue: 'Old Harbour', timeZone: 'Europe/Berlin' }
    const quotas = [{ name: 'Saturday', capacity: 50, ticketTypes: [added] }]
    await updateEvent(tx, { ...own, eventId, ...place, startsAt: inHours(50), endsAt: inHours(60), quotas, ...TERMS })
    await updateEvent(tx, { ...own, eventId, status: 'draft' })
    await updateEvent(tx, { ...own, eventId, status: 'published' })
  })
  const tickets = [{ ticketTypeId: added, quantity: 1 }]
  await givenPaid(at.lifecycle, await givenBooking(db, ticketsRequest(eventId, tickets)))
  const cancellation = { ...own, kind: 'event', id: eventId, reason: 'The stage burnt down', keyed: null } as const
  await write(at, (tx) => cancelResource(tx, cancellation))
  await cancelResources(at.lifecycle)
}

/** Sells a house as an event, and changes all that it has for it. */
async function manageConcert(at: Place): Promise<void> {
  const { own, organizerId, db } = at
  const { auditoriumId } = await givenShowtime(db.database, { organizerId })
  const eventId = await write(at, async (tx) => {
    const time = { timeZone: 'Europe/Lisbon', startsAt: inHours(50), endsAt: inHours(60) }
    const event = { title: 'G', venue: 'Old Harbour', currency: 'EUR', status: 'draft', ...time } as const
    const prices = [{ category: 'Standard', price: 700 }]
    const house = { auditoriumId, prices, ticketTypes: [], lanes: TEST_LANES }
    const made = await createEvent(tx, { ...own, ...event, ...house })
    const seats = ['Standard', 'Box'].map((category, x) => ({ number: x + 1, x, y: 0, category }))
    const rows = [{ label: 'A', seats }]
    await createLayout(tx, { ...own, auditoriumId, categories: ['Standard', 'Box'], rows })
    const changes = { layoutVersion: 2, maxSeatsPerBooking: 4, prices: PRICES, ...TERMS }
    await updateEvent(tx, { ...own, eventId: made.eventId, ...changes })
    return made.eventId
  })
  await keepSeat(at, 'event', eventId, 'A1')
}

async function manageAccess({ db: { database }, own }: Place): Promise<void> {
  const terms = { name: 'Till', role: 'staff', scopes: ['bookings:read'], expiresAt: inHours(24), keyed: null } as const
  const { id: keyId } = await createApiKey(database, { ...own, ...terms })
  await revokeApiKey(database, { ...own, id: keyId })
  const url = 'https://shop.example/'
  const endpoint = { ...own, description: 'The shop', eventTypes: ['booking.*'], keyed: null }
  const { id } = await createEndpoint(database, { ...endpoint, url })
  await updateEndpoint(database, { ...own, id, description: 'Another shop' })
  await rotateSecret(database, { ...own, id, keyed: null })
  await disableEndpoint(database, { id, url }, 'gone')
  await deleteEndpoint(database, { ...own, id })
}

/** Makes one booking for each course that a booking and its payments can take, then ends the show. */
async function liveThroughShow(at: Place): Promise<void> {
  const { db, lifecycle, organizerId } = at
  const { showtimeId } = await givenShowtime(db.database, { organizerId, startsAt: inHours(1) })
  const book = (seat: string) => givenBooking(db, seatsRequest(showtimeId, [seat]))
  const report = async (paymentId: string, reported: PaymentReport) => {
    await lifecycle.receive(lifecycle.provider.report(paymentId, reported))
  }

  const admitted = await book('A1')
  await givenPaid(lifecycle, admitted)
  await refuse(db, showtimeId, 'A1')
  await scan(db, admitted, 'A1')

  const byHand = await book('A2')
  await change(lifecycle, byHand, 'confirmed')
  await change(lifecycle, byHand, 'completed')
  const absent = await book('A3')
  await change(lifecycle, absent, 'confirmed')
  await change(lifecycle, absent, 'no_show')
  await givenPaid(lifecycle, await book('A4'))

  const failed = await book('A5')
  await db.database.pool.query(`update bookings set expires_at = now() + interval '30 seconds' where id = $1`, [
    failed.id,
  ])
  const { paymentId: failing } = await startPaying(lifecycle, failed)
  await report(failing, { status: 'processing' })
  await report(failing, { status: 'declined', reason: 'The card has no funds.' })
  await report(failing, { status: 'failed', reason: 'The card has no funds.' })

  const { payload } = seatsRequest(showtimeId, [])
  const until = { ...payload, seats: ['A10'], seller: 'house' as const, holdUntil: inHours(100).toISOString() }
  const kept = await givenBooking(db, { ...seatsRequest(showtimeId, ['A10']), payload: until })
  await db.database.pool.query('update bookings set remind_at = now() where id = $1', [kept.id])
  await remindOfHolds(lifecycle)

  const late = await book('A6')
  const { paymentId: overdue } = await startPaying(lifecycle, late)
  await runOutOfTime(db, late.id)
  await expireHolds(lifecycle)
  await report(overdue, { status: 'completed', captured: { amount: late.total, currency: 'EUR' } })

  const underpaid = await book('A7')
  const { paymentId: short } = await startPaying(lifecycle, underpaid)
  await report(short, { status: 'completed', captured: { amount: underpaid.total - 1, currency: 'EUR' } })
  await change(lifecycle, underpaid, 'cancelled')

  await refundInEveryWay(lifecycle, await book('A8'))
  const { reference, ...owner } = await book('A9')
  const call = { caller: staffOf(owner), requestId: 'test', keyed: null, reason: 'A mistake' }
  await cancelBooking(lifecycle, { reference, ...call })

  await db.database.pool.query(`update showtimes set starts_at = now() - interval '5 hours' where id = $1`, [
    showtimeId,
  ])
  await closeResources(lifecycle, 0)
}

async function refuse(db: TestDatabase, showtimeId: string, seat: string): Promise<void> {
  const engine = openEngine(db)
  const accepted = await engine.line.accept(seatsRequest(showtimeId, [seat]))
  await engine.decideWaiting(laneOf(accepted))
  await engine.close()
}

async function scan(db: TestDatabase, booking: GivenBooking, seat: string): Promise<void> {
  const keys = ticketKeys()
  const [ticketId = ''] = await ticketIdsOf(db, booking)
  const { resourceId } = booking
  const token = signTicketToken(keys, { ticketId, resourceId, seat, ticketTypeId: null })
  const made = { token, nonce: randomUUID(), device: null, gate: 'North', resourceId, scannedAt: null }
  await checkIn({ database: db.database, ticketKeys: keys }, made, staffOf(booking), 'test')
}

async function change(
  lifecycle: Lifecycle,
  booking: GivenBooking,
  status: 'confirmed' | 'completed' | 'no_show' | 'cancelled',
): Promise<void> {
  const call = { caller: staffOf(booking, 'organizer'), requestId: 'test', keyed: null, reason: 'At the counter' }
  await changeStatus(lifecycle, { reference: booking.reference, status, ...call })
}

/** Sends one refund, which arrives and comes back, and another one, which fails. */
async function refundInEveryWay(lifecycle: Lifecycle, booking: GivenBooking): Promise<void> {
  await givenPaid(lifecycle, booking)
  const ask = async (answer: RefundReport) => {
    const { refundId } = await requestRefund(lifecycle, {
      reference: booking.reference,
      caller: staffOf(booking, 'organizer'),
      requestId: 'test',
      amount: 100,
      reason: 'A complaint',
      cancelBooking: false,
      keyed: null,
    })
    lifecycle.provider.answerRefunds(answer)
    await sendRefund(lifecycle, refundId)
    return refundId
  }
  const sent = await ask({ status: 'pending' })
  const returned = { status: 'failed', reason: 'The account is closed.' } as const
  for (const report of [{ status: 'completed' } as const, returned]) {
    const event = { kind: 'refund', eventId: randomUUID(), refundId: sent, providerReference: 'r', report } as const
    await lifecycle.receive(event)
  }
  await ask(returned)
}
