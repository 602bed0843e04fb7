import type { Metadata } from '../../domain/booking-request.ts'
import type { BookingStatus, PaymentStatus } from '../../domain/booking-status.ts'
import type { CancelReason } from '../../domain/cancellation.ts'
import { LAYOUT_ID, rateName, rowName, seatName } from '../../inventory/queries/place-names.ts'

/** A booking as its owner and the organizer's staff see it. Times RFC 3339 in UTC, amounts minor units of `currency`. */
export interface BookingView {
  readonly reference: string
  readonly requestId: string
  readonly status: BookingStatus
  readonly paymentStatus: PaymentStatus
  readonly resource: { readonly type: 'showtime' | 'event'; readonly id: string } & Occasion
  readonly lines: readonly ItemView[]
  readonly currency: string
  readonly subtotal: number
  readonly discount: number
  readonly fee: number
  readonly total: number
  /** Refunded of all payments in the booking's currency together. */
  readonly refunded: number
  readonly customer: { readonly name: string; readonly email: string; readonly phone: string | null }
  readonly metadata: Metadata
  /** End of the hold of a pending booking. */
  readonly expiresAt: string | null
  readonly createdAt: string
  readonly confirmedAt: string | null
  readonly cancelledAt: string | null
  readonly cancelReason: CancelReason | null
  /** Oldest first. */
  readonly payments: readonly PaymentView[]
  readonly refunds: readonly RefundView[]
}

/** Occasion: what takes place, where and when. */
export interface Occasion {
  readonly title: string
  readonly venue: string
  readonly address: string
  readonly auditorium: string | null
  /** IANA name of the venue's. */
  readonly timeZone: string
  readonly startsAt: string
  readonly endsAt: string
}

export interface ItemView {
  /** Label of a seat; what its layout says of it is `null` where that no longer has it. */
  readonly seat: string | null
  readonly section: string | null
  readonly row: string | null
  readonly number: string | null
  /** Label of an area. */
  readonly area: string | null
  /** Code and name of the rate of a seat, or of an area's places. */
  readonly rate: string | null
  readonly rateName: string | null
  readonly categoryId: string | null
  readonly ticketTypeId: string | null
  /** Name of the ticket type, or of the category of the seat or area. */
  readonly name: string
  readonly quantity: number
  readonly unitPrice: number
  readonly discount: number
}

export interface PaymentView {
  readonly id: string
  readonly provider: string
  readonly status: PaymentStatus
  readonly amount: number
  readonly currency: string
  readonly captured: number
  /** Currency of `captured`, which may differ from the one asked for; `null` while nothing was captured. */
  readonly capturedCurrency: string | null
  readonly refunded: number
  readonly declines: number
  readonly failure: string | null
  readonly createdAt: string
}

export interface RefundView {
  readonly id: string
  readonly paymentId: string
  readonly amount: number
  readonly currency: string
  readonly status: 'pending' | 'completed' | 'failed'
  readonly reason: string
  readonly failure: string | null
  readonly createdAt: string
}

export interface BookingRow extends Omit<
  BookingView,
  'resource' | 'lines' | 'customer' | 'expiresAt' | 'createdAt' | 'confirmedAt' | 'cancelledAt'
> {
  readonly id: string
  readonly organizerId: string
  readonly owner: string
  readonly kind: 'showtime' | 'event'
  readonly resourceId: string
  readonly occasion: Occasion
  readonly items: readonly ItemView[]
  readonly customerName: string
  readonly customerEmail: string
  readonly customerPhone: string | null
  readonly expiresAt: Date | null
  readonly createdAt: Date
  readonly confirmedAt: Date | null
  readonly cancelledAt: Date | null
}

const rfc3339 = (expression: string) => `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

/** Parts that a move changes: an object's keys and values, of the tables of `JOIN_OCCASION`. */
export const OCCASION_PLACE = `'venue', coalesce(v.name, e.venue), 'timeZone', coalesce(v.time_zone, e.time_zone),
    'startsAt', ${rfc3339('coalesce(s.starts_at, e.starts_at)')}`

/** JSON of an `Occasion`; needs `s`, `m`, `a`, `v` (of a showtime) and `e` (of an event) from `JOIN_OCCASION`. */
const SELECT_OCCASION = `
  json_build_object('title', coalesce(m.title, e.title), ${OCCASION_PLACE},
    'address', coalesce(v.address, ''), 'auditorium', a.name,
    'endsAt', ${rfc3339('coalesce(s.starts_at + make_interval(mins => m.duration_minutes), e.ends_at)')})`

/** Joins of the tables of `bookings b`. An event says itself where it is, also if it has a house. */
export const JOIN_OCCASION = `
  left join showtimes s on s.id = b.resource_id
  left join movies m on m.id = s.movie_id
  left join events e on e.id = b.resource_id
  left join auditoriums a on a.id = coalesce(s.auditorium_id, e.auditorium_id)
  left join venues v on v.id = a.venue_id and s.id is not null`

/** Selects `BookingRow`s from `bookings b`; a WHERE clause follows it. */
export const SELECT_BOOKING = `
  select b.id, b.reference, b.request_id as "requestId", b.organizer_id as "organizerId", b.owner, r.kind,
    b.resource_id as "resourceId", ${SELECT_OCCASION} as occasion, b.status, b.payment_status as "paymentStatus",
    b.currency, b.subtotal, b.discount, b.fee, b.total, b.customer_name as "customerName",
    b.customer_email as "customerEmail", b.customer_phone as "customerPhone", coalesce(b.metadata, '{}') as metadata,
    b.expires_at as "expiresAt",
    b.created_at as "createdAt", b.confirmed_at as "confirmedAt", b.cancelled_at as "cancelledAt",
    b.cancel_reason as "cancelReason",
    (select coalesce(sum(refunded), 0)::bigint from payments
      where booking_id = b.id and captured_currency = b.currency) as refunded,
    (select coalesce(json_agg(json_build_object('seat', i.seat_label, 'section', x.section,
        'row', ${rowName('x')}, 'number', ${seatName('x')}, 'area', i.area_label, 'rate', i.rate,
        'rateName', ${rateName('r.rates', 'i.rate')}, 'categoryId', i.category_id,
        'ticketTypeId', i.ticket_type_id, 'name', coalesce(c.name, t.name), 'quantity', i.quantity,
        'unitPrice', i.unit_price, 'discount', i.discount) order by i.position), '[]')
      from booking_items i
      left join seats x on x.layout_id = ${LAYOUT_ID} and x.label = i.seat_label
      left join seat_categories c on c.id = i.category_id
      left join ticket_types t on t.id = i.ticket_type_id
      where i.booking_id = b.id) as items,
    (select coalesce(json_agg(json_build_object('id', p.id, 'provider', p.provider, 'status', p.status,
        'amount', p.amount, 'currency', p.currency, 'captured', p.captured,
        'capturedCurrency', p.captured_currency, 'refunded', p.refunded, 'declines', p.declines,
        'failure', p.failure, 'createdAt', ${rfc3339('p.created_at')}) order by p.id), '[]')
      from payments p where p.booking_id = b.id) as payments,
    (select coalesce(json_agg(json_build_object('id', f.id, 'paymentId', f.payment_id, 'amount', f.amount,
        'currency', f.currency, 'status', case when f.status in ('reserved', 'sent') then 'pending' else f.status end,
        'reason', f.reason, 'failure', f.failure, 'createdAt', ${rfc3339('f.created_at')}) order by f.id), '[]')
      from refunds f where f.booking_id = b.id) as refunds
  from bookings b
  join resources r on r.id = b.resource_id
  ${JOIN_OCCASION}`

export function toBookingView(row: BookingRow): BookingView {
  return {
    reference: row.reference,
    requestId: row.requestId,
    status: row.status,
    paymentStatus: row.paymentStatus,
    resource: { type: row.kind, id: row.resourceId, ...row.occasion },
    lines: row.items,
    currency: row.currency,
    subtotal: row.subtotal,
    discount: row.discount,
    fee: row.fee,
    total: row.total,
    refunded: row.refunded,
    customer: { name: row.customerName, email: row.customerEmail, phone: row.customerPhone },
    metadata: row.metadata,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    confirmedAt: row.confirmedAt?.toISOString() ?? null,
    cancelledAt: row.cancelledAt?.toISOString() ?? null,
    cancelReason: row.cancelReason,
    payments: row.payments,
    refunds: row.refunds,
  }
}
