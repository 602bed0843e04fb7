import { randomUUID } from 'node:crypto'
import type { OperationId } from '@boxoffice/client'
import type { World } from './world.ts'

/** A call that succeeds for every caller who may make it. */
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

const URL_OF_SHOP = 'https://shop.example/boxoffice'
const endpoint = async ({ made, clearEndpoints }: World) => {
  await clearEndpoints()
  return made('/v1/webhook-endpoints', { url: URL_OF_SHOP })
}
const ofEndpoint =
  (body?: unknown): Sample =>
  async (world) => ({ params: { id: await endpoint(world) }, body })
const ofDelivery: Sample = async (world) => ({
  params: { id: await world.made(`/v1/webhook-endpoints/${await endpoint(world)}/test`, {}) },
})

const STARTS_AT = '2040-12-24T20:00:00Z'
const showtime = ({ show }: World) => ({
  movieId: show.movieId,
  auditoriumId: show.auditoriumId,
  status: 'active',
  currency: 'EUR',
  prices: show.categoryIds.map((categoryId) => ({ categoryId, price: 1200 })),
})
const event = {
  title: 'Winter Lights',
  venue: 'Riverside Park',
  timeZone: 'Europe/Lisbon',
  startsAt: STARTS_AT,
  endsAt: '2040-12-26T20:00:00Z',
  status: 'published',
  currency: 'EUR',
  ticketTypes: [{ name: 'Saturday', price: 3900, capacity: 800 }],
}
const layout = {
  categories: ['Standard'],
  rows: [{ label: 'A', seats: [{ number: 1, x: 0, y: 0, category: 'Standard' }] }],
}
const newVenue = ({ made }: World) => made('/v1/venues', { name: 'Farol', timeZone: 'Europe/Lisbon' })
const newAuditorium = async (world: World) =>
  world.made('/v1/auditoriums', { venueId: await newVenue(world), name: 'One' })
const promoCode = () => ({ code: `P${randomUUID().slice(0, 8)}`, kind: 'percent', value: 1000 })

const NEW = {
  venue: newVenue,
  auditorium: newAuditorium,
  seatedAuditorium: async (world: World) => {
    const id = await newAuditorium(world)
    const imported = await world.app.send('PUT', `/v1/auditoriums/${id}/layout`, {
      token: world.tokens.organizer,
      body: layout,
    })
    if (imported.status !== 201) throw new Error(imported.text)
    return id
  },
  movie: ({ made }: World) => made('/v1/movies', { title: 'The Third Man', durationMinutes: 104 }),
  showtime: (world: World) => world.made('/v1/showtimes', { ...showtime(world), startsAt: STARTS_AT }),
  event: ({ made }: World) => made('/v1/events', event),
  promoCode: ({ made }: World) => made('/v1/promo-codes', promoCode()),
} as const satisfies Record<string, (world: World) => Promise<string>>

const ofNew =
  (what: keyof typeof NEW, body?: unknown): Sample =>
  async (world) => ({ params: { id: await NEW[what](world) }, body })

/** Returns a sample of a resource whose cancellation has begun. */
const ofCancelled =
  (what: 'showtime' | 'event'): Sample =>
  async (world) => {
    const id = await NEW[what](world)
    const answer = await world.app.send('POST', `/v1/${what}s/${id}/cancel`, {
      token: world.tokens.organizer,
      body: { reason },
    })
    if (answer.status !== 202) throw new Error(answer.text)
    return { params: { id } }
  }

/** Seats of the layout that all samples use, and an event with that house. */
const SEATS = ['A1']
const newConcert = async (world: World) => {
  const auditoriumId = await NEW.seatedAuditorium(world)
  return world.made('/v1/events', { ...event, auditoriumId, prices: [{ category: 'Standard', price: 1200 }] })
}
const ofHouse =
  (what: 'showtime' | 'event', body?: unknown): Sample =>
  async (world) => ({ params: { id: await (what === 'event' ? newConcert(world) : NEW.showtime(world)) }, body })
const ofBlock =
  (what: 'showtime' | 'event'): Sample =>
  async (world) => {
    const id = await (what === 'event' ? newConcert(world) : NEW.showtime(world))
    const blockId = await world.made(`/v1/${what}s/${id}/blocks`, { reason, seats: SEATS })
    return { params: { id, blockId } }
  }

/** One sample for every operation: a missing one does not compile. */
export const SAMPLE_CALLS: Readonly<Record<OperationId, Sample>> = {
  createGuestSession: nothing,

  listMovies: nothing,
  listShowtimes: nothing,
  getShowtime: ofShowtime,
  getSeatMap: ofShowtime,
  getEventSeatMap: async (world) => {
    const id = await NEW.event(world)
    await world.app.db.database.pool.query(
      `update events set layout_id = s.layout_id, auditorium_id = s.auditorium_id from showtimes s
       where s.id = $2 and events.id = $1`,
      [id, world.show.showtimeId],
    )
    return { params: { id } }
  },
  listEvents: nothing,
  getEvent: ofEvent,
  getShowtimeAvailability: ofShowtime,
  getEventAvailability: ofEvent,
  streamShowtimeAvailability: ofShowtime,
  streamEventAvailability: ofEvent,

  getMovie: ({ show }) => ({ params: { id: show.movieId } }),

  createQuote: ({ show, seat }) => ({ body: { resource: { type: 'showtime', id: show.showtimeId }, seats: [seat()] } }),
  createBookingRequest: ({ show, seat }) => ({
    body: { resource: { type: 'showtime', id: show.showtimeId }, seats: [seat()], customer },
  }),
  getBookingRequest: async ({ bookingRequest }) => ({ params: { id: await bookingRequest() } }),
  withdrawBookingRequest: async ({ waitingRequest }) => ({ params: { id: await waitingRequest() } }),
  refuseBookingRequest: async ({ waitingRequest }) => ({ params: { id: await waitingRequest() }, body: { reason } }),
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

  createWebhookEndpoint: async ({ clearEndpoints }) => {
    await clearEndpoints()
    return { body: { url: URL_OF_SHOP, eventTypes: ['booking.*'] } }
  },
  listWebhookEndpoints: nothing,
  getWebhookEndpoint: ofEndpoint(),
  updateWebhookEndpoint: ofEndpoint({ description: 'The shop' }),
  deleteWebhookEndpoint: ofEndpoint(),
  getWebhookSecret: ofEndpoint(),
  rotateWebhookSecret: ofEndpoint({}),
  testWebhookEndpoint: ofEndpoint({}),
  listWebhookDeliveries: ofEndpoint(),
  replayWebhookEndpoint: ofEndpoint({ since: '2026-11-22T18:00:00Z' }),
  getWebhookDelivery: ofDelivery,
  replayWebhookDelivery: ofDelivery,
  readFeed: nothing,

  createApiKey: () => ({ body: { name: 'Shop', scopes: ['bookings:read'] } }),
  listApiKeys: nothing,
  getApiKey: ofApiKey,
  revokeApiKey: ofApiKey,

  listLanes: nothing,
  getLane: ofLane,
  pauseLane: ofLaneWithReason,
  drainLane: ofLaneWithReason,
  resumeLane: ofLaneWithReason,

  listParked: nothing,
  retryParked: async ({ parked }) => ({ params: { id: await parked() }, body: {} }),

  createOrganizer: () => ({ body: { name: 'Farol Cinemas' } }),
  listOrganizers: nothing,
  getOrganizer: ({ show }) => ({ params: { id: show.organizerId } }),
  updateOrganizer: ({ show }) => ({ params: { id: show.organizerId }, body: { name: 'Farol' } }),
  createVenue: () => ({ body: { name: 'Farol', timeZone: 'Europe/Lisbon' } }),
  listVenues: nothing,
  getVenue: ofNew('venue'),
  updateVenue: ofNew('venue', { name: 'Faro' }),
  createAuditorium: async (world) => ({ body: { venueId: await newVenue(world), name: 'One' } }),
  listAuditoriums: nothing,
  getAuditorium: ofNew('auditorium'),
  updateAuditorium: ofNew('auditorium', { name: 'Grand Hall' }),
  importLayout: ofNew('auditorium', layout),
  exportLayout: ofNew('seatedAuditorium'),
  listLayouts: ofNew('seatedAuditorium'),
  deleteLayout: async (world) => {
    const id = await NEW.seatedAuditorium(world)
    const body = { ...layout, categories: ['Standard', 'Balcony'] }
    const token = world.tokens.organizer
    const imported = await world.app.send('PUT', `/v1/auditoriums/${id}/layout`, { token, body })
    if (imported.status !== 201) throw new Error(imported.text)
    return { params: { id, version: '1' } }
  },
  createMovie: () => ({ body: { title: 'The Third Man', durationMinutes: 104 } }),
  listOrganizerMovies: nothing,
  updateMovie: ofNew('movie', { rating: '16' }),
  createShowtime: (world) => ({ body: { ...showtime(world), startsAt: STARTS_AT } }),
  createShowtimes: (world) => ({
    body: {
      ...showtime(world),
      recurrence: { days: ['fr'], times: ['20:00'], from: '2040-12-01', until: '2040-12-31' },
    },
  }),
  keepShowtimePlaces: ofHouse('showtime', { reason, seats: SEATS }),
  listShowtimeBlocks: ofHouse('showtime'),
  giveBackShowtimePlaces: ofBlock('showtime'),
  pauseShowtime: ofNew('showtime', { reason }),
  drainShowtime: ofNew('showtime', { reason }),
  resumeShowtime: ofNew('showtime', { reason }),
  getShowtimeLine: ofNew('showtime'),
  updateShowtime: ofNew('showtime', { maxSeatsPerBooking: 4 }),
  cancelShowtime: ofNew('showtime', { reason }),
  getShowtimeCancellation: ofCancelled('showtime'),
  listOrganizerShowtimes: nothing,
  getOrganizerShowtime: ofNew('showtime'),
  createEvent: () => ({ body: event }),
  keepEventPlaces: ofHouse('event', { reason, seats: SEATS }),
  listEventBlocks: ofHouse('event'),
  giveBackEventPlaces: ofBlock('event'),
  pauseEvent: ofNew('event', { reason }),
  drainEvent: ofNew('event', { reason }),
  resumeEvent: ofNew('event', { reason }),
  getEventLine: ofNew('event'),
  updateEvent: ofNew('event', { title: 'Summer Lights' }),
  addTicketType: ofNew('event', { name: 'Sunday', price: 3900, capacity: 800 }),
  updateTicketType: async (world) => {
    const id = await NEW.event(world)
    const ticketTypeId = await world.made(`/v1/events/${id}/ticket-types`, { name: 'Sunday', price: 1, capacity: 1 })
    return { params: { id, ticketTypeId }, body: { capacity: 900 } }
  },
  cancelEvent: ofNew('event', { reason }),
  getEventCancellation: ofCancelled('event'),
  listOrganizerEvents: nothing,
  getOrganizerEvent: ofNew('event'),
  createPromoCode: () => ({ body: promoCode() }),
  createPromoCodeBatch: () => ({ body: { count: 3, kind: 'percent', value: 1000 } }),
  listPromoCodes: nothing,
  getPromoCode: ofNew('promoCode'),
  updatePromoCode: ofNew('promoCode', { active: false }),

  requestBookingRecovery: async ({ pending }) => ({ body: { reference: await pending(), email: 'ada@example.org' } }),
  redeemBookingRecovery: async ({ recoveryToken }) => ({ body: { token: await recoveryToken() } }),

  getLiveness: nothing,
  getReadiness: nothing,
  getMetrics: nothing,
}
