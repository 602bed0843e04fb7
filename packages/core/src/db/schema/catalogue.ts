import {
  bigint,
  boolean,
  check,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  sql,
  text,
  unique,
  uuid,
} from '../drizzle.ts'
import type { Minor } from '../../domain/money/money.ts'
import { DEFAULT_REFUND_POLICY, type RefundPolicy } from '../../domain/money/refund-policy.ts'
import type { Quota } from '../../domain/quota.ts'
import type { Rate } from '../../domain/rate.ts'
import { TICKET_TYPE } from '../../fields/event.ts'
import { ORGANIZER } from '../../fields/organizer.ts'
import { TERMS } from '../../fields/resource.ts'
import { SHOWTIME } from '../../fields/showtime.ts'
import { createdAt, id, instant, money } from './columns.ts'

/** Organizers. The fee is in basis points of (subtotal − discount). */
export const organizers = pgTable(
  'organizers',
  {
    id: id(),
    name: text('name').notNull(),
    feeBasisPoints: integer('fee_basis_points').notNull().default(ORGANIZER.feeBasisPoints.fallback),
    /** Contact for buyers, named in their mail and on their tickets. */
    contactEmail: text('contact_email'),
    /** Networks for which limits per address are higher at this organizer, as `formatNetwork` writes them. */
    trustedNetworks: text('trusted_networks')
      .array()
      .notNull()
      .default(sql`'{}'`),
    createdAt: createdAt(),
  },
  (t) => [
    check('organizers_trusted_networks_count', sql`cardinality(${t.trustedNetworks}) <= 20`),
    check('organizers_fee_range', sql`${t.feeBasisPoints} between 0 and 10000`),
    check('organizers_contact_length', sql`char_length(${t.contactEmail}) between 3 and 254`),
  ],
)

export const venues = pgTable(
  'venues',
  {
    id: id(),
    organizerId: uuid('organizer_id')
      .notNull()
      .references(() => organizers.id),
    name: text('name').notNull(),
    address: text('address').notNull().default(''),
    /** IANA name; tickets print local times. */
    timeZone: text('time_zone').notNull(),
    createdAt: createdAt(),
  },
  (t) => [index('venues_organizer').on(t.organizerId)],
)

export const auditoriums = pgTable(
  'auditoriums',
  {
    id: id(),
    venueId: uuid('venue_id')
      .notNull()
      .references(() => venues.id),
    name: text('name').notNull(),
    createdAt: createdAt(),
  },
  (t) => [index('auditoriums_venue').on(t.venueId)],
)

/** One version of an auditorium's seating. Never updated: a change is a new version. One that no showtime uses may go. */
export const layouts = pgTable(
  'layouts',
  {
    id: id(),
    auditoriumId: uuid('auditorium_id')
      .notNull()
      .references(() => auditoriums.id),
    version: integer('version').notNull(),
    /** Point that the best seats are nearest to; `null` where the layout says nothing, and its first row's middle is taken. */
    focusX: real('focus_x'),
    focusY: real('focus_y'),
    createdAt: createdAt(),
  },
  (t) => [
    unique('layouts_auditorium_version').on(t.auditoriumId, t.version),
    check('layouts_version_positive', sql`${t.version} > 0`),
  ],
)

export const seatCategories = pgTable(
  'seat_categories',
  {
    id: id(),
    layoutId: uuid('layout_id')
      .notNull()
      .references(() => layouts.id),
    name: text('name').notNull(),
    position: integer('position').notNull(),
  },
  (t) => [
    unique('seat_categories_layout_name').on(t.layoutId, t.name),
    unique('seat_categories_layout_id').on(t.layoutId, t.id),
  ],
)

/**
 * `label` is what requests name, made of section, row and seat (`domain/seat-label.ts`) or given; `position` is the order of
 * import, row by row.
 */
export const seats = pgTable(
  'seats',
  {
    layoutId: uuid('layout_id')
      .notNull()
      .references(() => layouts.id),
    label: text('label').notNull(),
    section: text('section'),
    rowLabel: text('row_label').notNull(),
    /** The seat's own name, as on the chair; `null` for one of before 0.3, whose name is `number`. */
    seatName: text('seat_name'),
    number: integer('number'),
    position: integer('position').notNull(),
    x: real('x').notNull(),
    y: real('y').notNull(),
    categoryId: uuid('category_id').notNull(),
    disabled: boolean('disabled').notNull().default(false),
    accessible: boolean('accessible').notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.layoutId, t.label] }),
    unique('seats_layout_position').on(t.layoutId, t.position),
    foreignKey({
      name: 'seats_category',
      columns: [t.layoutId, t.categoryId],
      foreignColumns: [seatCategories.layoutId, seatCategories.id],
    }),
  ],
)

/** Part of a layout without seats: its places are counted, per showtime or event, in `area_state`. */
export const layoutAreas = pgTable(
  'layout_areas',
  {
    layoutId: uuid('layout_id')
      .notNull()
      .references(() => layouts.id),
    label: text('label').notNull(),
    position: integer('position').notNull(),
    categoryId: uuid('category_id').notNull(),
    capacity: integer('capacity').notNull(),
    /** Corners of a polygon, [x, y] each. */
    shape: jsonb('shape').$type<readonly (readonly [number, number])[]>(),
  },
  (t) => [
    primaryKey({ columns: [t.layoutId, t.label] }),
    foreignKey({
      name: 'layout_areas_category',
      columns: [t.layoutId, t.categoryId],
      foreignColumns: [seatCategories.layoutId, seatCategories.id],
    }),
    check('layout_areas_capacity', sql`${t.capacity} > 0`),
  ],
)

/** Sizes of layouts, written by a trigger of `seats`: lists must not count hundreds of thousands of seats. */
export const layoutSizes = pgTable('layout_sizes', {
  layoutId: uuid('layout_id')
    .primaryKey()
    .references(() => layouts.id, { onDelete: 'cascade' }),
  rows: integer('rows').notNull(),
  seats: integer('seats').notNull(),
  /** Sizes by category, for those that have seats. */
  categories: jsonb('categories').$type<Readonly<Record<string, { seats: number; disabled: number }>>>().notNull(),
})

export const movies = pgTable(
  'movies',
  {
    id: id(),
    organizerId: uuid('organizer_id')
      .notNull()
      .references(() => organizers.id),
    title: text('title').notNull(),
    synopsis: text('synopsis').notNull().default(''),
    durationMinutes: integer('duration_minutes').notNull(),
    rating: text('rating').notNull().default(''),
    createdAt: createdAt(),
  },
  (t) => [
    index('movies_organizer').on(t.organizerId),
    check('movies_duration_positive', sql`${t.durationMinutes} > 0`),
  ],
)

/**
 * Scarce things: identity and kind of each showtime or event. Every hot table's foreign key references this
 * table, and bookings never update it: a foreign key to a row that bookings update collapses intake.
 */
export const resources = pgTable(
  'resources',
  {
    id: id(),
    kind: text('kind', { enum: ['showtime', 'event'] }).notNull(),
    organizerId: uuid('organizer_id')
      .notNull()
      .references(() => organizers.id),
    holdTtlMs: integer('hold_ttl_ms').notNull().default(TERMS.holdTtlMs.fallback),
    /** Refund for a buyer who cancels a paid booking. */
    refundPolicy: jsonb('refund_policy').$type<RefundPolicy>().notNull().default(DEFAULT_REFUND_POLICY),
    /** Time before the start from which tickets are admitted. */
    checkInOpensMs: integer('check_in_opens_ms').notNull().default(TERMS.checkInOpensMs.fallback),
    /** The public may book from then on; `null` is always. */
    salesStartAt: instant('sales_start_at'),
    /** The public may book until then; `null` is the default of its kind (`domain/sale-window.ts`). */
    salesEndAt: instant('sales_end_at'),
    singleSeats: text('single_seats', { enum: ['allow', 'refuse'] })
      .notNull()
      .default('allow'),
    /** Rates, the first one the default; empty where there is only one. */
    rates: jsonb('rates')
      .$type<readonly Rate[]>()
      .notNull()
      .default(sql`'[]'`),
    createdAt: createdAt(),
  },
  (t) => [
    index('resources_organizer').on(t.organizerId),
    check('resources_kind', sql`${t.kind} in ('showtime', 'event')`),
    check('resources_hold_positive', sql`${t.holdTtlMs} > 0`),
    check('resources_check_in_opens', sql`${t.checkInOpensMs} >= 0`),
    check('resources_sale_window', sql`${t.salesEndAt} > ${t.salesStartAt}`),
    check('resources_single_seats', sql`${t.singleSeats} in ('allow', 'refuse')`),
  ],
)

/** Refund policies that were changed since: bookings keep the one under which they were made. */
export const formerRefundPolicies = pgTable(
  'former_refund_policies',
  {
    resourceId: uuid('resource_id')
      .notNull()
      .references(() => resources.id),
    /** It was in force for what was booked before this. */
    until: instant('until').notNull(),
    policy: jsonb('policy').$type<RefundPolicy>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.resourceId, t.until] })],
)

/**
 * The lock and version of a resource, and how far its line is decided. Every change of its inventory locks this row and
 * adds one to the version; so does whoever decides its line. Referenced by nothing.
 */
export const resourceState = pgTable('resource_state', {
  resourceId: uuid('resource_id').primaryKey(),
  version: integer('version').notNull().default(0),
  /**
   * Time of the version's last increase: a refusal says something new only soon after. `null` before the first
   * increase.
   */
  changedAt: instant('changed_at'),
  /** It is over, and its bookings become completed or no_show from now on. */
  closingAt: instant('closing_at'),
  /** All of them are. */
  closedAt: instant('closed_at'),
  /** Every request of the line with a `seq` up to this is decided. */
  watermark: bigint('watermark', { mode: 'number' }).notNull().default(0),
  /** Decides nothing; takes requests all the same. */
  paused: boolean('paused').notNull().default(false),
  /** Decided requests a second, smoothed; for `etaMs` only. */
  decidedPerSecond: real('decided_per_second').notNull().default(0),
  /** Decision times of a line never run backwards, even if the server's clock does. */
  decidedAt: instant('decided_at')
    .notNull()
    .default(sql`to_timestamp(0)`),
})

/**
 * A cancelled showtime or event whose bookings are being cancelled and refunded, batch by batch, and how far that is.
 * `failed` are bookings that could not be cancelled; they are tried again.
 */
export const resourceCancellations = pgTable(
  'resource_cancellations',
  {
    resourceId: uuid('resource_id')
      .primaryKey()
      .references(() => resources.id),
    reason: text('reason').notNull(),
    /** Subject of whoever cancelled it, and the HTTP request; for the records of the bookings. */
    actor: text('actor').notNull(),
    requestId: text('request_id'),
    /** Live bookings when it began. */
    total: integer('total').notNull(),
    cancelled: integer('cancelled').notNull().default(0),
    failed: integer('failed').notNull().default(0),
    startedAt: instant('started_at').notNull(),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    index('resource_cancellations_unfinished')
      .on(t.startedAt)
      .where(sql`${t.finishedAt} is null`),
    check('resource_cancellations_counts', sql`${t.total} >= 0 and ${t.cancelled} >= 0 and ${t.failed} >= 0`),
  ],
)

export const showtimes = pgTable(
  'showtimes',
  {
    id: uuid('id')
      .primaryKey()
      .references(() => resources.id),
    movieId: uuid('movie_id')
      .notNull()
      .references(() => movies.id),
    auditoriumId: uuid('auditorium_id')
      .notNull()
      .references(() => auditoriums.id),
    layoutId: uuid('layout_id')
      .notNull()
      .references(() => layouts.id),
    startsAt: instant('starts_at').notNull(),
    status: text('status', { enum: ['draft', 'active', 'cancelled'] })
      .notNull()
      .default('draft'),
    currency: text('currency').notNull(),
    maxSeatsPerBooking: integer('max_seats_per_booking').notNull().default(SHOWTIME.maxSeatsPerBooking.fallback),
    createdAt: createdAt(),
  },
  (t) => [
    index('showtimes_on_sale').on(t.startsAt, t.id),
    index('showtimes_movie').on(t.movieId, t.startsAt),
    index('showtimes_auditorium').on(t.auditoriumId, t.startsAt),
    index('showtimes_layout').on(t.layoutId),
    check('showtimes_status', sql`${t.status} in ('draft', 'active', 'cancelled')`),
    check('showtimes_currency', sql`${t.currency} ~ '^[A-Z]{3}$'`),
    check('showtimes_max_seats', sql`${t.maxSeatsPerBooking} between 1 and 100`),
  ],
)

/** Prices of seat categories, of showtimes and of events with a house. The table has its name from before 0.3. */
export const categoryPrices = pgTable(
  'showtime_prices',
  {
    resourceId: uuid('showtime_id')
      .notNull()
      .references(() => resources.id),
    categoryId: uuid('category_id')
      .notNull()
      .references(() => seatCategories.id),
    price: money('price').notNull(),
    /** Prices of other rates than the first, by code; `null` for one that is not sold in this category. */
    rates: jsonb('rates')
      .$type<Readonly<Record<string, Minor | null>>>()
      .notNull()
      .default(sql`'{}'`),
  },
  (t) => [
    primaryKey({ columns: [t.resourceId, t.categoryId] }),
    index('showtime_prices_category').on(t.categoryId),
    check('showtime_prices_not_negative', sql`${t.price} >= 0`),
  ],
)

/** Counted places of one area at one showtime or event, guarded by a CHECK (I1). Written under the resource's lock. */
export const areaState = pgTable(
  'area_state',
  {
    resourceId: uuid('resource_id').notNull(),
    label: text('label').notNull(),
    capacity: integer('capacity').notNull(),
    /** Held and sold together. */
    sold: integer('sold').notNull().default(0),
    /** Kept by blocks. */
    kept: integer('kept').notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.resourceId, t.label] }),
    check('area_state_not_oversold', sql`${t.sold} >= 0 and ${t.kept} >= 0 and ${t.sold} + ${t.kept} <= ${t.capacity}`),
  ],
)

/** Seats and places that are kept off public sale; its seats are in `seat_allocations`. One that is over has neither. */
export const blocks = pgTable(
  'blocks',
  {
    id: id(),
    resourceId: uuid('resource_id')
      .notNull()
      .references(() => resources.id),
    reason: text('reason').notNull(),
    /** Subject of whoever made it. */
    actor: text('actor').notNull(),
    createdAt: createdAt(),
    releasedAt: instant('released_at'),
  },
  (t) => [index('blocks_resource').on(t.resourceId, t.id)],
)

/** Places of an area that a block keeps. */
export const blockAreas = pgTable(
  'block_areas',
  {
    blockId: uuid('block_id')
      .notNull()
      .references(() => blocks.id),
    label: text('label').notNull(),
    quantity: integer('quantity').notNull(),
  },
  (t) => [primaryKey({ columns: [t.blockId, t.label] }), check('block_areas_quantity', sql`${t.quantity} >= 0`)],
)

export const events = pgTable(
  'events',
  {
    id: uuid('id')
      .primaryKey()
      .references(() => resources.id),
    title: text('title').notNull(),
    description: text('description').notNull().default(''),
    venue: text('venue').notNull(),
    /** IANA name; tickets print local times. */
    timeZone: text('time_zone').notNull(),
    startsAt: instant('starts_at').notNull(),
    endsAt: instant('ends_at').notNull(),
    status: text('status', { enum: ['draft', 'published', 'cancelled'] })
      .notNull()
      .default('draft'),
    currency: text('currency').notNull(),
    /** House of an event that sells seats or areas; `null` for one that sells tickets alone. */
    auditoriumId: uuid('auditorium_id').references(() => auditoriums.id),
    layoutId: uuid('layout_id').references(() => layouts.id),
    maxSeatsPerBooking: integer('max_seats_per_booking').notNull().default(SHOWTIME.maxSeatsPerBooking.fallback),
    /** Capacities that ticket types share. */
    quotas: jsonb('quotas')
      .$type<readonly Quota[]>()
      .notNull()
      .default(sql`'[]'`),
    createdAt: createdAt(),
  },
  (t) => [
    index('events_layout').on(t.layoutId),
    check('events_house', sql`(${t.auditoriumId} is null) = (${t.layoutId} is null)`),
    check('events_max_seats', sql`${t.maxSeatsPerBooking} between 1 and 100`),
    index('events_on_sale').on(t.startsAt, t.id),
    check('events_status', sql`${t.status} in ('draft', 'published', 'cancelled')`),
    check('events_currency', sql`${t.currency} ~ '^[A-Z]{3}$'`),
    check('events_end_after_start', sql`${t.endsAt} > ${t.startsAt}`),
  ],
)

export const ticketTypes = pgTable(
  'ticket_types',
  {
    id: id(),
    eventId: uuid('event_id')
      .notNull()
      .references(() => events.id),
    name: text('name').notNull(),
    position: integer('position').notNull().default(0),
    price: money('price').notNull(),
    active: boolean('active').notNull().default(true),
    /** Neither listed nor sold but to those who have a code that opens it. */
    hidden: boolean('hidden').notNull().default(false),
    saleStartsAt: instant('sale_starts_at'),
    saleEndsAt: instant('sale_ends_at'),
    minPerBooking: integer('min_per_booking').notNull().default(TICKET_TYPE.minPerBooking.fallback),
    maxPerBooking: integer('max_per_booking').notNull().default(10),
    maxPerCustomer: integer('max_per_customer'),
    createdAt: createdAt(),
  },
  (t) => [
    index('ticket_types_event').on(t.eventId, t.position),
    check('ticket_types_price_not_negative', sql`${t.price} >= 0`),
    check(
      'ticket_types_per_booking',
      sql`${t.minPerBooking} >= 1 and ${t.maxPerBooking} >= ${t.minPerBooking} and ${t.maxPerBooking} <= 1000`,
    ),
    check('ticket_types_per_customer', sql`${t.maxPerCustomer} >= 1`),
    check('ticket_types_sale_window', sql`${t.saleEndsAt} > ${t.saleStartsAt}`),
  ],
)

/** Capacity and count of one ticket type, guarded by a CHECK (I1). Referenced by nothing. */
export const ticketTypeState = pgTable(
  'ticket_type_state',
  {
    ticketTypeId: uuid('ticket_type_id').primaryKey(),
    capacity: integer('capacity').notNull(),
    sold: integer('sold').notNull().default(0),
  },
  (t) => [check('ticket_type_state_not_oversold', sql`${t.sold} between 0 and ${t.capacity}`)],
)

/** Live quantity per customer, kept only for ticket types with a limit per customer. */
export const ticketTypeCustomers = pgTable(
  'ticket_type_customers',
  {
    ticketTypeId: uuid('ticket_type_id').notNull(),
    customerKey: text('customer_key').notNull(),
    quantity: integer('quantity').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.ticketTypeId, t.customerKey] }),
    check('ticket_type_customers_not_negative', sql`${t.quantity} >= 0`),
  ],
)

export const promoCodes = pgTable(
  'promo_codes',
  {
    id: id(),
    organizerId: uuid('organizer_id')
      .notNull()
      .references(() => organizers.id),
    /** Upper case, as `normalizePromoCode` makes it. */
    code: text('code').notNull(),
    kind: text('kind', { enum: ['percent', 'fixed'] }).notNull(),
    /** Basis points of a percent code, minor units of a fixed one. 0 only opens hidden ticket types. */
    value: money('value').notNull(),
    currency: text('currency'),
    active: boolean('active').notNull().default(true),
    startsAt: instant('starts_at'),
    endsAt: instant('ends_at'),
    maxPerCustomer: integer('max_per_customer'),
    /** The most places of one booking that it is for: those that it discounts or opens. */
    maxTicketsPerBooking: integer('max_tickets_per_booking'),
    /** Ticket types, names of categories and codes of rates that it discounts; `null` is all. */
    ticketTypeIds: uuid('ticket_type_ids').array(),
    categories: text('categories').array(),
    rates: text('rates').array(),
    /** Hidden ticket types that it opens; `null` is none. */
    opensTicketTypeIds: uuid('opens_ticket_type_ids').array(),
    createdAt: createdAt(),
  },
  (t) => [
    unique('promo_codes_organizer_code').on(t.organizerId, t.code),
    index('promo_codes_organizer').on(t.organizerId, t.id),
    check('promo_codes_code_form', sql`${t.code} = upper(btrim(${t.code})) and ${t.code} <> ''`),
    check(
      'promo_codes_value',
      sql`(${t.kind} = 'percent' and ${t.value} between 0 and 10000 and (${t.value} > 0 or ${t.opensTicketTypeIds} is not null) and ${t.currency} is null) or (${t.kind} = 'fixed' and ${t.value} > 0 and ${t.currency} is not null and ${t.currency} ~ '^[A-Z]{3}$')`,
    ),
    check('promo_codes_window', sql`${t.endsAt} > ${t.startsAt}`),
    check('promo_codes_per_customer', sql`${t.maxPerCustomer} >= 1`),
    check('promo_codes_tickets_per_booking', sql`${t.maxTicketsPerBooking} >= 1`),
  ],
)

/** The resources a promo code is limited to; no row means every resource of its organizer. */
export const promoCodeResources = pgTable(
  'promo_code_resources',
  {
    promoCodeId: uuid('promo_code_id')
      .notNull()
      .references(() => promoCodes.id),
    resourceId: uuid('resource_id')
      .notNull()
      .references(() => resources.id),
  },
  (t) => [
    primaryKey({ columns: [t.promoCodeId, t.resourceId] }),
    index('promo_code_resources_resource').on(t.resourceId),
  ],
)

/** The counter of one promo code and its lock, shared by all lanes. Referenced by nothing. */
export const promoCodeState = pgTable(
  'promo_code_state',
  {
    promoCodeId: uuid('promo_code_id').primaryKey(),
    maxRedemptions: integer('max_redemptions'),
    redeemed: integer('redeemed').notNull().default(0),
    maxTickets: integer('max_tickets'),
    /** Places of live bookings that it is for. */
    tickets: integer('tickets').notNull().default(0),
  },
  (t) => [
    check('promo_code_state_tickets', sql`${t.tickets} >= 0 and ${t.tickets} <= ${t.maxTickets}`),
    check('promo_code_state_not_negative', sql`${t.redeemed} >= 0`),
    check('promo_code_state_within_limit', sql`${t.redeemed} <= ${t.maxRedemptions}`),
  ],
)

/** Live redemptions per customer, kept only for promo codes with a limit per customer. */
export const promoCodeCustomers = pgTable(
  'promo_code_customers',
  {
    promoCodeId: uuid('promo_code_id').notNull(),
    customerKey: text('customer_key').notNull(),
    redeemed: integer('redeemed').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.promoCodeId, t.customerKey] }),
    check('promo_code_customers_not_negative', sql`${t.redeemed} >= 0`),
  ],
)
