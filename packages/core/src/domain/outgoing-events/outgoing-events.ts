/**
 * Every outgoing event: its occasion, its fields, its mail and the webhook endpoints that get it. This table types the code
 * that writes events. The contract's schemas and `webhooks`, the client's types and `docs/events.md` are generated from it.
 *
 * Types are never reused. No field holds a name, an address or a number of a customer. Fields may be added.
 */
import { BOOKING_STATUSES, PAYMENT_STATUSES } from '../booking-status.ts'
import { CANCEL_REASONS } from '../cancellation.ts'
import {
  always,
  amount,
  changesOf,
  currency,
  type Fields,
  id,
  instant,
  integer,
  list,
  mapOf,
  nullable,
  object,
  oneOf,
  optional,
  reference,
  text,
  type ValuesOf,
} from './payload.ts'
import { PAYMENT_FAILURES } from '../payment.ts'
import { REFUSAL_CODES } from '../refusals/refusal.ts'
import { SCOPES } from '../role.ts'

/** The kind of mail that an event causes. */
export type MailKind = 'confirmation' | 'cancellation' | 'refund' | 'move' | 'reminder'

interface MailRule<Data> {
  readonly kind: MailKind
  /** Left out if the mail is always sent, so that the payload need not be read. */
  readonly condition?: {
    /** The end of a sentence that begins with the mail's name. */
    readonly about: string
    readonly holds: (data: Data) => boolean
  }
}

interface Settings<Data> {
  readonly mail?: MailRule<Data>
  /** Anybody can cause it for free and without end, so it goes only to endpoints that name it or its family. */
  readonly byNameOnly?: true
}

/** Subjects of events. The `entityId` is the subject's id; every event about it has the subject's fields besides its own. */
export const SUBJECTS = {
  booking: {
    about: 'the booking, even if the event is about its payment, refund or ticket',
    fields: { reference: reference(), resourceId: id('The showtime or event') },
  },
  booking_request: { about: 'the booking request', fields: { resourceId: id('The showtime or event') } },
  thing: { about: 'the created or changed object itself', fields: { id: id('The same as `entityId`') } },
  test: { about: 'an id that is used only for the test', fields: {} },
} as const satisfies Record<string, { about: string; fields: Fields }>

type Subject = keyof typeof SUBJECTS

/** A row of the table. */
export interface OutgoingEventRow {
  readonly subject: Subject
  /** The occasion of the event, as one or two sentences. */
  readonly summary: string
  /** The fields of its `data`, besides those of its subject. */
  readonly fields: Fields
  readonly mail?: MailRule<never>
  readonly byNameOnly?: true
}

const about =
  <const S extends Subject>(subject: S) =>
  <const F extends Fields>(summary: string, fields: F, settings?: Settings<ValuesOf<F>>) => ({
    subject,
    summary,
    fields,
    ...settings,
  })

const ofBooking = about('booking')
const ofRequest = about('booking_request')
const ofThing = about('thing')
const ofTest = about('test')

const note = optional(text('Paid at the counter', 'Present if a reason was given'))

const refund = { refundId: id(), paymentId: id(), amount: amount(), currency: currency() }

const terms = {
  holdTtlMs: integer(600_000),
  refundPolicy: object({
    tiers: list(object({ noticeMs: integer(86_400_000), basisPoints: integer(10_000) })),
    refundsFee: oneOf([false, true]),
  }),
  checkInOpensMs: integer(86_400_000),
  rates: list(
    object({
      code: text('child'),
      name: text('Child'),
      needs: optional(text('adult')),
      maxPerBooking: optional(integer(4)),
    }),
  ),
  singleSeats: oneOf(['allow', 'refuse']),
  salesStartAt: nullable(instant()),
  salesEndAt: nullable(instant()),
}

const priceOfCategory = object({
  categoryId: id(),
  price: amount(),
  rates: mapOf(nullable(amount()), 'Keyed by the codes of rates'),
})

const pricesByCategory = {
  prices: mapOf(nullable(amount()), 'Keyed by the names of the seat categories; `null` means not for sale'),
  ratePrices: mapOf(
    mapOf(nullable(amount()), 'Keyed by the codes of rates'),
    'Prices of other rates than the first, keyed by the names of the seat categories',
  ),
}

const showtimeChanges = changesOf({
  layoutId: id(),
  startsAt: instant(),
  status: oneOf(['active', 'draft', 'cancelled']),
  maxSeatsPerBooking: integer(10),
  ...terms,
  ...pricesByCategory,
})

const event = {
  title: text('Night of Choirs'),
  venue: text('Old Harbour'),
  timeZone: text('Europe/Lisbon'),
  startsAt: instant(),
  endsAt: instant(),
  status: oneOf(['published', 'draft', 'cancelled']),
  quotas: list(
    object({ name: text('Saturday'), capacity: integer(2_000), ticketTypeIds: list(id()) }),
    'Capacities that ticket types share',
  ),
}

const eventChanges = changesOf({
  ...event,
  description: text('Twelve choirs, one night.'),
  layoutId: id(),
  maxSeatsPerBooking: integer(10),
  ...terms,
  ...pricesByCategory,
})

const lineChange = {
  paused: oneOf([true, false]),
  draining: oneOf([false, true]),
  reason: text('The hall was double-booked', 'What the person entered'),
}

const placesKept = {
  blockId: id(),
  seats: integer(12, 'Number of seats'),
  places: integer(0, 'Number of places of areas'),
  reason: text('For the press'),
}

const placesGivenBack = {
  blockId: id(),
  seats: integer(12, 'Number of seats'),
  places: integer(0, 'Number of places of areas'),
}

const cancelled = {
  status: always('cancelled'),
  reason: text('The projector broke'),
  bookings: integer(120, 'Number of bookings to be cancelled'),
}

const cancellationFinished = {
  total: integer(120, 'Number of active bookings at the time of the cancellation'),
  cancelled: integer(118, 'Number of these bookings that this cancellation ended; the others ended by themselves'),
}

const ticketType = {
  name: text('Standing'),
  price: amount(),
  capacity: integer(500),
  active: oneOf([true, false]),
  hidden: oneOf([false, true], '`true`: sold only with a promo code that opens it'),
  minPerBooking: integer(1),
  maxPerBooking: integer(10),
  maxPerCustomer: nullable(integer(4)),
  saleStartsAt: nullable(instant()),
  saleEndsAt: nullable(instant()),
}

const promoCode = {
  value: integer(2000, 'Basis points for a `percent` code, minor units for a `fixed` one; 0 only opens ticket types'),
  active: oneOf([true, false]),
  startsAt: nullable(instant()),
  endsAt: nullable(instant()),
  maxPerCustomer: nullable(integer(1)),
  maxRedemptions: nullable(integer(100)),
  maxTickets: nullable(integer(100)),
  maxTicketsPerBooking: nullable(integer(4)),
  resourceIds: nullable(list(id()), '`null` means all showtimes and events of the organizer'),
  ticketTypeIds: nullable(list(id()), 'Ticket types that it discounts'),
  categories: nullable(list(text('Stalls')), 'Names of the seat categories that it discounts'),
  rates: nullable(list(text('child')), 'Codes of the rates that it discounts'),
  opensTicketTypeIds: nullable(list(id()), 'Hidden ticket types that it opens'),
}

const venue = { name: text('Kino Aurora'), address: text('Quay 4'), timeZone: text('Europe/Lisbon') }

const movie = { title: text('The Salt Cartographer'), durationMinutes: integer(128), rating: text('12') }

const organizer = {
  name: text('Aurora Pictures'),
  feeBasisPoints: integer(300),
  contactEmail: nullable(always('set'), '`null` if there is none'),
  trustedNetworks: list(text('198.51.100.0/24')),
}

const endpoint = {
  origin: text('https://shop.example', 'Scheme, host and port of its URL'),
  description: text('The shop'),
  eventTypes: list(text('booking.*')),
}

/** Returns the rule that mails a move to those who have booked. */
const mailOfMove = (fields: readonly string[]) => ({
  kind: 'move' as const,
  condition: {
    about: `if ${new Intl.ListFormat('en', { type: 'disjunction' }).format(fields.map((name) => `\`${name}\``))} changed`,
    holds: (data: object) => fields.some((name) => name in data),
  },
})

export const OUTGOING_EVENTS = {
  'booking.created': ofBooking('Seats or tickets are held, or booked at once if nothing is to be paid.', {
    status: oneOf(['pending', 'confirmed']),
    currency: currency(),
    total: amount(),
  }),
  'booking.hold_extended': ofBooking(
    'The hold is extended: the buyer has started to pay with little time left, or the provider is processing the payment.',
    {
      expiresAt: instant(),
    },
  ),
  'booking.hold_ending': ofBooking(
    'A hold for which staff have set the end ends in a day, and nothing is paid yet.',
    { expiresAt: instant() },
    { mail: { kind: 'reminder' } },
  ),
  'booking.confirmed': ofBooking(
    'The booking is paid for, or costs nothing.',
    { status: always('confirmed'), paymentStatus: always('completed'), note },
    { mail: { kind: 'confirmation' } },
  ),
  'booking.cancelled': ofBooking(
    'The booking is cancelled, and what it held goes back on sale.',
    { status: always('cancelled'), previousStatus: oneOf(BOOKING_STATUSES), reason: oneOf(CANCEL_REASONS), note },
    {
      mail: {
        kind: 'cancellation',
        // No mail is sent for an unpaid hold that expired or was given up.
        condition: {
          about: 'if it was confirmed or the organizer cancelled it',
          holds: ({ previousStatus, reason }) => previousStatus === 'confirmed' || reason === 'organizer',
        },
      },
    },
  ),
  'booking.reinstated': ofBooking(
    'An expired booking is paid after all while its places are still free; `booking.confirmed` follows.',
    { status: always('confirmed') },
  ),
  'booking.completed': ofBooking('At least one person of the booking attended.', { status: always('completed'), note }),
  'booking.no_show': ofBooking('Nobody of the booking attended.', { status: always('no_show'), note }),

  'booking_request.refused': ofRequest(
    'A booking request is refused.',
    { code: oneOf(REFUSAL_CODES) },
    { byNameOnly: true },
  ),

  'payment.started': ofBooking('The buyer starts to pay.', {
    paymentId: id(),
    provider: text('stripe'),
    amount: amount(),
    currency: currency(),
    status: always('pending'),
  }),
  'payment.processing': ofBooking('The provider is processing the payment.', {
    paymentId: id(),
    status: always('processing'),
  }),
  'payment.declined': ofBooking('A card is declined; the buyer may use another one on the same page.', {
    paymentId: id(),
    status: oneOf(PAYMENT_STATUSES),
    reason: text('The card has no funds.'),
  }),
  'payment.failed': ofBooking('The payment ends without any money being taken.', {
    paymentId: id(),
    status: always('failed'),
    failure: oneOf(PAYMENT_FAILURES),
  }),
  'payment.completed': ofBooking('The money is taken.', {
    paymentId: id(),
    status: always('completed'),
    captured: amount(),
    currency: currency(),
    provider: optional(text('manual', '`manual` if staff recorded the payment')),
  }),
  'payment.refused': ofBooking('The provider took another amount or currency than requested; all of it is refunded.', {
    paymentId: id(),
    status: always('failed'),
    failure: always('amount_mismatch'),
    captured: amount(),
    currency: currency('Currency of the captured amount'),
    asked: object({ amount: amount(), currency: currency() }),
  }),

  'refund.requested': ofBooking('A refund to the buyer is requested.', {
    ...refund,
    reason: text('late_payment', 'A code for an automatic refund, otherwise the text that a person entered'),
  }),
  'refund.sent': ofBooking('The provider is sending the refund.', refund),
  'refund.completed': ofBooking(
    'The refund has reached the buyer.',
    { ...refund, paymentStatus: oneOf(PAYMENT_STATUSES) },
    {
      mail: {
        kind: 'refund',
        // Publishing searches for that mail, and needs the payload for it.
        condition: { about: 'unless the mail about a cancellation reports it', holds: () => true },
      },
    },
  ),
  'refund.failed': ofBooking('The provider could not send the refund.', {
    ...refund,
    paymentStatus: oneOf(PAYMENT_STATUSES),
    failure: text('The account is closed.'),
  }),
  'refund.returned': ofBooking('A refund that had arrived came back from the bank.', {
    ...refund,
    reason: text('The account is closed.'),
  }),

  'ticket.checked_in': ofBooking('A ticket is used at the gate.', {
    ticketId: id(),
    status: always('checked_in'),
    gate: text('North'),
    at: instant('Time of the scan'),
  }),

  'showtime.created': ofThing('A showtime is created.', {
    movieId: id(),
    auditoriumId: id(),
    layoutId: id(),
    startsAt: instant(),
    status: oneOf(['draft', 'active', 'cancelled']),
    currency: currency(),
    maxSeatsPerBooking: integer(10),
    lane: integer(3),
    ...terms,
    prices: list(priceOfCategory),
  }),
  'showtime.updated': ofThing('A showtime is changed; `data` has the changed fields.', showtimeChanges, {
    mail: mailOfMove(['startsAt']),
  }),
  'showtime.published': ofThing('A showtime goes on sale; `data` has the changed fields.', showtimeChanges),
  'showtime.unpublished': ofThing('A showtime is taken off sale; `data` has the changed fields.', showtimeChanges),
  'showtime.cancelled': ofThing('A showtime is cancelled. The cancellation of its bookings follows.', cancelled),
  'showtime.cancellation_finished': ofThing(
    'All bookings of a cancelled showtime have ended. Refunds may still be in progress.',
    cancellationFinished,
  ),
  'showtime.paused': ofThing(
    'The line of a showtime is paused: requests are accepted and none is decided.',
    lineChange,
  ),
  'showtime.draining': ofThing(
    'The line of a showtime accepts no more requests; those that wait are decided.',
    lineChange,
  ),
  'showtime.resumed': ofThing('The line of a showtime accepts and decides requests again.', lineChange),
  'showtime.places_kept': ofThing('Places of a showtime are kept off public sale.', placesKept),
  'showtime.places_given_back': ofThing('Kept places of a showtime are for sale again.', placesGivenBack),

  'event.created': ofThing('An event is created.', {
    ...event,
    currency: currency(),
    auditoriumId: nullable(id()),
    layoutId: nullable(id()),
    maxSeatsPerBooking: integer(10),
    lane: integer(3),
    ...terms,
    prices: list(priceOfCategory),
  }),
  'event.updated': ofThing('An event is changed; `data` has the changed fields.', eventChanges, {
    mail: mailOfMove(['startsAt', 'venue', 'timeZone']),
  }),
  'event.published': ofThing('An event goes on sale; `data` has the changed fields.', eventChanges),
  'event.unpublished': ofThing('An event is taken off sale; `data` has the changed fields.', eventChanges),
  'event.cancelled': ofThing('An event is cancelled. The cancellation of its bookings follows.', cancelled),
  'event.cancellation_finished': ofThing(
    'All bookings of a cancelled event have ended. Refunds may still be in progress.',
    cancellationFinished,
  ),
  'event.paused': ofThing('The line of an event is paused: requests are accepted and none is decided.', lineChange),
  'event.draining': ofThing('The line of an event accepts no more requests; those that wait are decided.', lineChange),
  'event.resumed': ofThing('The line of an event accepts and decides requests again.', lineChange),
  'event.places_kept': ofThing('Places of an event are kept off public sale.', placesKept),
  'event.places_given_back': ofThing('Kept places of an event are for sale again.', placesGivenBack),

  'ticket_type.created': ofThing('A ticket type is added to an event.', {
    eventId: id(),
    position: integer(0),
    ...ticketType,
  }),
  'ticket_type.updated': ofThing('A ticket type is changed; `data` has the changed fields.', changesOf(ticketType)),

  'promo_code.created': ofThing('A promo code is created.', {
    code: text('CREW20'),
    kind: oneOf(['percent', 'fixed']),
    currency: nullable(currency(), '`null` for a `percent` code'),
    ...promoCode,
  }),
  'promo_code.batch_created': ofThing(
    'A batch of promo codes is created. The `entityId` is the id of the first one; the codes themselves are in no event.',
    {
      count: integer(500),
      prefix: text('EARLY-', 'Beginning of every code of the batch; may be empty'),
      kind: oneOf(['percent', 'fixed']),
      currency: nullable(currency(), '`null` for a `percent` code'),
      ...promoCode,
    },
  ),
  'promo_code.updated': ofThing('A promo code is changed; `data` has the changed fields.', changesOf(promoCode)),

  'venue.created': ofThing('A venue is created.', venue),
  'venue.updated': ofThing('A venue is changed; `data` has the changed fields.', changesOf(venue)),

  'auditorium.created': ofThing('An auditorium is added to a venue.', { venueId: id(), name: text('Hall 1') }),
  'auditorium.updated': ofThing('An auditorium is renamed.', changesOf({ name: text('Hall 1') })),

  'layout.created': ofThing('A seating version is added to an auditorium.', {
    auditoriumId: id(),
    version: integer(1),
    categories: list(text('Stalls')),
    rows: integer(12),
    seats: integer(240),
  }),
  'layout.deleted': ofThing('A seating version that no showtime uses is deleted.', {}),

  'movie.created': ofThing('A movie is created.', movie),
  'movie.updated': ofThing(
    'A movie is changed; `data` has the changed fields.',
    changesOf({ ...movie, synopsis: text('A mapmaker measures a coast that moves.') }),
  ),

  'organizer.created': ofThing('An organizer is created.', organizer),
  'organizer.updated': ofThing('An organizer is changed; `data` has the changed fields.', changesOf(organizer)),

  'api_key.created': ofThing('An API key is created.', {
    prefix: text('bo_7Q2MZ4K9TR'),
    name: text('Box office'),
    role: oneOf(['staff', 'organizer']),
    scopes: list(oneOf(SCOPES)),
    expiresAt: nullable(instant()),
  }),
  'api_key.revoked': ofThing('An API key is revoked.', { revoked: always(true) }),

  'webhook_endpoint.created': ofThing('A webhook endpoint is registered.', { status: always('active'), ...endpoint }),
  'webhook_endpoint.updated': ofThing('A webhook endpoint is changed; `data` has its current state.', {
    status: oneOf(['active', 'disabled']),
    ...endpoint,
  }),
  'webhook_endpoint.disabled': ofThing('A webhook endpoint is disabled because of its responses.', {
    status: always('disabled'),
    reason: oneOf(['gone', 'failing']),
  }),
  'webhook_endpoint.secret_rotated': ofThing('A webhook endpoint gets a new secret.', {}),
  'webhook_endpoint.deleted': ofThing('A webhook endpoint is deleted.', {}),
  'webhook_endpoint.test': ofTest(
    'Somebody requested a test. This event goes only to that endpoint and is not in the feed.',
    {
      endpointId: id(),
    },
  ),
} as const satisfies Record<string, OutgoingEventRow>

type Table = typeof OUTGOING_EVENTS

/** `booking.confirmed` */
export type OutgoingEventType = keyof Table

export const OUTGOING_EVENT_TYPES = Object.keys(OUTGOING_EVENTS) as readonly OutgoingEventType[]

type TypesAbout<S extends Subject> = {
  [T in OutgoingEventType]: Table[T]['subject'] extends S ? T : never
}[OutgoingEventType]

/** The types about bookings and their payments, refunds and tickets. */
export type BookingEventType = TypesAbout<'booking'>

/** The types about what is on sale, API keys and webhook endpoints. */
export type ThingEventType = TypesAbout<'thing'>

/** The payload of a type as it is written, without the fields of its subject. */
export type FactsOf<T extends OutgoingEventType> = ValuesOf<Table[T]['fields']>

/** The whole payload of a type as it is written. */
export type PayloadOf<T extends OutgoingEventType> = ValuesOf<(typeof SUBJECTS)[Table[T]['subject']]['fields']> &
  FactsOf<T>

/** The family of a type: the part before its dot. */
export type FamilyOf<T extends string> = T extends `${infer Family}.${string}` ? Family : never

export type OutgoingEventFamily = FamilyOf<OutgoingEventType>

/** Returns the family of a type: `booking` of `booking.confirmed`. */
export function familyOf<T extends OutgoingEventType>(type: T): FamilyOf<T> {
  return type.slice(0, type.indexOf('.')) as FamilyOf<T>
}

export const OUTGOING_EVENT_FAMILIES: readonly OutgoingEventFamily[] = [...new Set(OUTGOING_EVENT_TYPES.map(familyOf))]

/** Returns the row of a type, or `undefined` for a type that a newer version wrote. */
export function findOutgoingEvent(type: string): OutgoingEventRow | undefined {
  return Object.hasOwn(OUTGOING_EVENTS, type) ? OUTGOING_EVENTS[type as OutgoingEventType] : undefined
}
