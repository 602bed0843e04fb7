/** An event as clients see it. Times RFC 3339 in UTC, prices integer minor units of `currency`. */
export interface EventView {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly venue: string
  readonly timeZone: string
  readonly startsAt: string
  readonly endsAt: string
  readonly status: 'published' | 'cancelled'
  readonly currency: string
  readonly ticketTypes: readonly TicketTypeView[]
}

export interface TicketTypeView {
  readonly id: string
  readonly name: string
  readonly price: number
  readonly capacity: number
  readonly saleStartsAt: string | null
  readonly saleEndsAt: string | null
  readonly minPerBooking: number
  readonly maxPerBooking: number
  readonly maxPerCustomer: number | null
  readonly active: boolean
}

export interface EventRow {
  id: string
  title: string
  description: string
  venue: string
  time_zone: string
  starts_at: Date
  /** Microseconds since the epoch, for cursors. */
  starts_at_us: number
  ends_at: Date
  status: 'published' | 'cancelled'
  currency: string
  ticket_types: TicketTypeRow[]
}

/** As aggregated by the database; JSON has no times, so the sale window comes in milliseconds since the epoch. */
export type TicketTypeRow = Omit<TicketTypeView, 'saleStartsAt' | 'saleEndsAt'> & {
  readonly saleStartsAt: number | null
  readonly saleEndsAt: number | null
}

/** Returns the SQL of an event's ticket types, `TicketTypeRow`s, with `more` of their state (`n`). */
export const ticketTypesOf = (eventId: string, more: readonly string[] = []) => `
  (select coalesce(json_agg(json_build_object(${[
    "'id', y.id, 'name', y.name, 'price', y.price, 'capacity', n.capacity",
    "'saleStartsAt', floor(extract(epoch from y.sale_starts_at) * 1000)::bigint",
    "'saleEndsAt', floor(extract(epoch from y.sale_ends_at) * 1000)::bigint",
    "'minPerBooking', y.min_per_booking, 'maxPerBooking', y.max_per_booking",
    "'maxPerCustomer', y.max_per_customer, 'active', y.active",
    ...more,
  ].join()}) order by y.position, y.id), '[]')
     from ticket_types y join ticket_type_state n on n.ticket_type_id = y.id
    where y.event_id = ${eventId})`

/** Selects `EventRow`s from `events e`; a WHERE clause follows it. */
export const SELECT_EVENT = `
  select e.id, e.title, e.description, e.venue, e.time_zone, e.starts_at,
         (extract(epoch from e.starts_at) * 1000000)::bigint as starts_at_us, e.ends_at, e.status, e.currency,
         ${ticketTypesOf('e.id')} as ticket_types
    from events e`

export function toEventView(row: EventRow): EventView {
  return {
    id: row.id,
    title: row.title,
    description: row.description,
    venue: row.venue,
    timeZone: row.time_zone,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at.toISOString(),
    status: row.status,
    currency: row.currency,
    ticketTypes: row.ticket_types.map(toTicketType),
  }
}

export const toTicketType = (type: TicketTypeRow): TicketTypeView => ({
  ...type,
  saleStartsAt: toInstant(type.saleStartsAt),
  saleEndsAt: toInstant(type.saleEndsAt),
})

function toInstant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
