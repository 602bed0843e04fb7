import type pg from 'pg'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import { laneFor } from '../../domain/lane.ts'
import { saleColumns, withSale, type WithSaleColumns } from './sale-columns.ts'
import { managedTicketTypesOf, type WithTicketTypes, withSaleTimes } from './ticket-types-of.ts'

/** A choice among the showtimes or events of an organizer; `null` leaves a condition out. */
export interface ManagedFilter {
  readonly organizerId: string | null
  readonly status: string | null
  /** Starts at or after this. */
  readonly from: Date | null
  /** Starts before this. */
  readonly to: Date | null
}

/** A showtime or an event as its organizer sees it, drafts too; the contract says which fields there are. */
export interface ManagedResource extends Record<string, unknown> {
  readonly id: string
}

/** The way showtimes or events are read. Their own table is `t`. */
export interface ManagedKind<View extends ManagedResource> {
  readonly select: string
  readonly from: string
  readonly toView: (row: ManagedResource) => View
}

const TERMS = `r.hold_ttl_ms as "holdTtlMs", r.refund_policy as "refundPolicy", r.check_in_opens_ms as "checkInOpensMs",
  r.rates, r.single_seats as "singleSeats", n.version, t.created_at as "createdAt"`

/** Columns of what has a house: its prices, and its seats that are for sale, sold and kept. */
const HOUSE = `
    (select coalesce(json_agg(json_build_object('categoryId', c.id, 'category', c.name, 'price', p.price,
          'rates', coalesce(p.rates, '{}')) order by c.position, c.id), '[]')
      from seat_categories c left join showtime_prices p on p.showtime_id = t.id and p.category_id = c.id
      where c.layout_id = t.layout_id) as prices,
    json_build_object(
      'total', (select coalesce(sum((c.size ->> 'seats')::int - (c.size ->> 'disabled')::int), 0)
        from showtime_prices p cross join lateral (select z.categories -> p.category_id::text as size) c
        where p.showtime_id = t.id),
      'sold', (select count(*) from seat_allocations where showtime_id = t.id and booking_id is not null),
      'kept', (select count(*) from seat_allocations where showtime_id = t.id and block_id is not null)) as seats,
    (select coalesce(json_agg(json_build_object('label', label, 'capacity', capacity, 'sold', sold, 'kept', kept)
        order by label), '[]') from area_state where resource_id = t.id) as areas`

/** Showtimes, where there are so many lanes, and they sell for so long after their start. */
export const managedShowtimes = (lanes: number, showtimeSellsForMs: number): ManagedKind<ManagedResource> => ({
  select: `t.id, r.organizer_id as "organizerId",
    json_build_object('id', m.id, 'title', m.title) as movie,
    json_build_object('id', v.id, 'name', v.name, 'timeZone', v.time_zone) as venue,
    json_build_object('id', a.id, 'name', a.name) as auditorium,
    l.version as "layoutVersion", t.starts_at as "startsAt", t.status, t.currency,
    t.max_seats_per_booking as "maxSeatsPerBooking",
    ${HOUSE},
    ${TERMS}, ${saleColumns('r', 't.starts_at + make_interval(mins => m.duration_minutes)')}`,
  from: `showtimes t
    join resources r on r.id = t.id
    join resource_state n on n.resource_id = t.id
    join movies m on m.id = t.movie_id
    join auditoriums a on a.id = t.auditorium_id
    join venues v on v.id = a.venue_id
    join layouts l on l.id = t.layout_id
    left join layout_sizes z on z.layout_id = t.layout_id`,
  // Selected above.
  toView: (row) => ({
    ...withSale(row as ManagedResource & WithSaleColumns, 'organizer', showtimeSellsForMs),
    lane: laneFor(row.id, lanes),
  }),
})

/** Quotas with what is sold of each, and with the names of its ticket types. */
const QUOTAS = `(select coalesce(json_agg(json_build_object('name', q.quota->'name', 'capacity', q.quota->'capacity',
      'sold', o.sold, 'ticketTypes', o.types) order by q.position), '[]')
    from jsonb_array_elements(t.quotas) with ordinality as q(quota, position)
    cross join lateral (
      select coalesce(sum(c.sold), 0) as sold, coalesce(json_agg(json_build_object('id', y.id, 'name', y.name)
        order by y.position, y.id), '[]') as types
      from ticket_types y join ticket_type_state c on c.ticket_type_id = y.id
      where y.event_id = t.id and q.quota->'ticketTypeIds' ? y.id::text) o)`

interface ManagedEvent extends ManagedResource {
  readonly ticketTypes: readonly { readonly id: string }[]
}

/** Events, where there are so many lanes. */
export const managedEvents = (lanes: number): ManagedKind<ManagedEvent> => ({
  select: `t.id, r.organizer_id as "organizerId", t.title, t.description, t.venue, t.time_zone as "timeZone",
    t.starts_at as "startsAt", t.ends_at as "endsAt", t.status, t.currency, t.auditorium_id as "auditoriumId",
    t.max_seats_per_booking as "maxSeatsPerBooking", l.version as "layoutVersion", ${HOUSE},
    ${managedTicketTypesOf('r.id')} as "ticketTypes", ${QUOTAS} as quotas, ${TERMS},
    ${saleColumns('r', 't.ends_at')}`,
  from: `events t
    join resources r on r.id = t.id
    join resource_state n on n.resource_id = t.id
    left join layouts l on l.id = t.layout_id
    left join layout_sizes z on z.layout_id = t.layout_id`,
  // Selected above.
  toView: (row) => ({
    ...withSaleTimes(withSale(row as ManagedResource & WithTicketTypes & WithSaleColumns, 'organizer')),
    lane: laneFor(row.id, lanes),
  }),
})

/** Lists them whatever their status, the earliest first. */
export async function listManaged<View extends ManagedResource>(
  pool: pg.Pool,
  { select, from, toView }: ManagedKind<View>,
  filter: ManagedFilter,
  limit: number,
  after: Cursor | null,
): Promise<Page<View>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `r.organizer_id = ${parameter}::uuid`, filter.organizerId)
  list.where((parameter) => `t.status = ${parameter}`, filter.status)
  list.where((parameter) => `t.starts_at >= ${parameter}::timestamptz`, filter.from)
  list.where((parameter) => `t.starts_at < ${parameter}::timestamptz`, filter.to)
  list.beyond('t.starts_at, t.id', '>', after)
  const { rows } = await pool.query<ManagedResource & { readonly key: number }>(
    `select ${select}, (extract(epoch from t.starts_at) * 1000000)::bigint as key
     from ${from} where ${list.clause} order by t.starts_at, t.id limit $1::int + 1`,
    list.values,
  )
  return toPage(
    rows,
    limit,
    ({ id, key }) => ({ key, id }),
    ({ key: _, ...row }) => toView(row),
  )
}

/**
 * Returns a showtime or an event as its organizer sees it.
 *
 * @param organizerId whose it must be; `null` is anybody's
 */
export async function findManaged<View extends ManagedResource>(
  pool: pg.Pool,
  kind: ManagedKind<View>,
  id: string,
  organizerId: string | null,
): Promise<View | null> {
  const [found] = await findManagedWithin(pool, kind, [id, id], organizerId)
  return found ?? null
}

/**
 * Finds those whose ids are within this range, both ends included, the earliest first.
 *
 * @param organizerId whose they must be; `null` is anybody's
 */
export async function findManagedWithin<View extends ManagedResource>(
  pool: pg.Pool,
  { select, from, toView }: ManagedKind<View>,
  [first, last]: readonly [string, string],
  organizerId: string | null,
): Promise<View[]> {
  const { rows } = await pool.query<ManagedResource>(
    `select ${select} from ${from} where t.id between $1::uuid and $2::uuid and ($3::uuid is null or r.organizer_id = $3)
     order by t.starts_at, t.id`,
    [first, last, organizerId],
  )
  return rows.map(toView)
}
