import { randomUUID } from 'node:crypto'
import type { OperationId } from '@boxoffice/client'
import type { World } from './world.ts'

/** A call that succeeds for whoever may make it. */
export interface SampleCall {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

type Sample = (world: World) => SampleCall | Promise<SampleCall>

const nothing: Sample = () => ({})
const ofShowtime: Sample = ({ show }) => ({ params: { id: show.showtimeId } })
const ofEvent: Sample = ({ event }) => ({ params: { id: event.eventId } })
const ofConfirmed =
  (body?: unknown): Sample =>
  async ({ confirmed }) => ({ params: { reference: await confirmed() }, body })

const customer = { name: 'Ada', email: 'ada@example.org' }
const reason = 'The projector broke'

const ofApiKey: Sample = async ({ made }) => ({
  params: { id: await made('/v1/api-keys', { name: 'Shop', scopes: ['feed:read'] }) },
})
const ofLane: Sample = () => ({ params: { lane: '0' } })
const ofLaneWithReason: Sample = () => ({ params: { lane: '1' }, body: { reason } })

/** One for every operation: what is missing here does not compile. */
export const SAMPLE_CALLS: Readonly<Record<OperationId, Sample>> = {
  createGuestSession: nothing,

  listMovies: nothing,
  listShowtimes: nothing,
  getShowtime: ofShowtime,
  getSeatMap: ofShowtime,
  listEvents: nothing,
  getEvent: ofEvent,
  getShowtimeAvailability: ofShowtime,
  getEventAvailability: ofEvent,
  streamShowtimeAvailability: ofShowtime,
  streamEventAvailability: ofEvent,

  createQuote: ({ show, seat }) => ({ body: { resource: { type: 'showtime', id: show.showtimeId }, seats: [seat()] } }),
  createBookingRequest: ({ show, seat }) => ({
    body: { resource: { type: 'showtime', id: show.showtimeId }, seats: [seat()], customer },
  }),
  getBookingRequest: async ({ bookingRequest }) => ({ params: { id: await bookingRequest() } }),
  streamBookingRequest: async ({ bookingRequest }) => ({ params: { id: await bookingRequest() } }),

  listBookings: nothing,
  getBooking: ofConfirmed(),
  startPayment: async ({ pending }) => ({ params: { reference: await pending() }, body: {} }),
  cancelBooking: ofConfirmed({ reason }),
  requestRefund: ofConfirmed({ amount: 1, reason }),
  changeBookingStatus: async ({ pending }) => ({
    params: { reference: await pending() },
    body: { status: 'cancelled', reason },
  }),

  listTickets: ofConfirmed(),
  printTickets: ofConfirmed(),
  getTicketQrSvg: async ({ ticket }) => ({ params: { id: (await ticket()).id } }),
  getTicketQrPng: async ({ ticket }) => ({ params: { id: (await ticket()).id } }),
  getTicketKeys: nothing,

  checkIn: async ({ ticket }) => ({ body: { token: (await ticket()).token, nonce: randomUUID(), gate: 'North' } }),
  checkInBatch: async ({ ticket }) => ({
    body: {
      scans: [{ token: (await ticket()).token, nonce: '1', gate: 'North', scannedAt: new Date().toISOString() }],
    },
  }),
  listRevokedTickets: ({ show }) => ({ query: { resourceId: show.showtimeId } }),

  receivePaymentWebhook: ({ app }) => {
    const body = JSON.stringify({ not: 'understood' })
    return { params: { provider: 'sandbox' }, body, headers: { 'Sandbox-Signature': app.signatureOf(body) } }
  },

  listAudit: nothing,

  createApiKey: () => ({ body: { name: 'Shop', scopes: ['bookings:read'] } }),
  listApiKeys: nothing,
  getApiKey: ofApiKey,
  revokeApiKey: ofApiKey,

  listLanes: nothing,
  getLane: ofLane,
  pauseLane: ofLaneWithReason,
  drainLane: ofLaneWithReason,
  resumeLane: ofLaneWithReason,
}
