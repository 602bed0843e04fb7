import type pg from 'pg'
import type { RefundPolicy } from '../../domain/refund-policy.ts'
import { type Cursor, type Page, toPage } from '../../db/cursor.ts'
import { ListFilter } from '../../db/list-filter.ts'
import type { ManagedFilter } from './managed-filter.ts'

/** A showtime as its organizer sees it, drafts too. Times RFC 3339, prices in minor units of `currency`. */
export interface ManagedShowtime {
  readonly id: string
  readonly organizerId: string
  readonly movie: { readonly id: string; readonly title: string }
  readonly venue: { readonly id: string; readonly name: string; readonly timeZone: string }
  readonly auditorium: { readonly id: string; readonly name: string }
  readonly layoutVersion: number
  readonly startsAt: string
  readonly status: 'draft' | 'active' | 'cancelled'
  readonly currency: string
  readonly maxSeatsPerBooking: number
  /** `null`: not for sale. */
  readonly prices: readonly { readonly categoryId: string; readonly category: string; readonly price: number | null }[]
  /** `total` are those for sale, `sold` those held or sold. */
  readonly seats: { readonly total: number; readonly sold: number }
  readonly holdTtlMs: number
  readonly refundPolicy: RefundPolicy
  readonly checkInOpensMs: number
  readonly lane: number
  readonly version: number
  readonly createdAt: string
}

type Row = Omit<ManagedShowtime, 'startsAt' | 'createdAt'> & {
  readonly startsAt: Date
  readonly createdAt: Date
  readonly startsAtUs: number
}

const SELECT = `
  select s.id, r.organizer_id as "organizerId",
    json_build_object('id', m.id, 'title', m.title) as movie,
    json_build_object('id', v.id, 'name', v.name, 'timeZone', v.time_zone) as venue,
    json_build_object('id', a.id, 'name', a.name) as auditorium,
    l.version as "layoutVersion", s.starts_at as "startsAt",
    (extract(epoch from s.starts_at) * 1000000)::bigint as "startsAtUs",
    s.status, s.currency, s.max_seats_per_booking as "maxSeatsPerBooking",
    (select coalesce(json_agg(json_build_object('categoryId', c.id, 'category', c.name, 'price', p.price)
        order by c.position, c.id), '[]')
      from seat_categories c left join showtime_prices p on p.showtime_id = s.id and p.category_id = c.id
      where c.layout_id = s.layout_id) as prices,
    json_build_object(
      'total', (select coalesce(sum((c.size ->> 'seats')::int - (c.size ->> 'disabled')::int), 0)
        from showtime_prices p cross join lateral (select z.categories -> p.category_id::text as size) c
        where p.showtime_id = s.id),
      'sold', (select count(*) from seat_allocations where showtime_id = s.id)) as seats,
    r.hold_ttl_ms as "holdTtlMs", r.refund_policy as "refundPolicy", r.check_in_opens_ms as "checkInOpensMs",
    r.lane, n.version, s.created_at as "createdAt"
  from showtimes s
  join resources r on r.id = s.id
  join resource_state n on n.resource_id = s.id
  join movies m on m.id = s.movie_id
  join auditoriums a on a.id = s.auditorium_id
  join venues v on v.id = a.venue_id
  join layouts l on l.id = s.layout_id
  left join layout_sizes z on z.layout_id = s.layout_id`

/** The earliest first, whatever their status. */
export async function listManagedShowtimes(
  pool: pg.Pool,
  filter: ManagedFilter,
  limit: number,
  after: Cursor | null,
): Promise<Page<ManagedShowtime>> {
  const list = new ListFilter(limit)
  list.where((parameter) => `r.organizer_id = ${parameter}::uuid`, filter.organizerId)
  list.where((parameter) => `s.status = ${parameter}`, filter.status)
  list.where((parameter) => `s.starts_at >= ${parameter}::timestamptz`, filter.from)
  list.where((parameter) => `s.starts_at < ${parameter}::timestamptz`, filter.to)
  list.beyond('s.starts_at, s.id', '>', after)
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where ${list.clause} order by s.starts_at, s.id limit $1::int + 1`,
    list.values,
  )
  return toPage(rows, limit, ({ id, startsAtUs }) => ({ key: startsAtUs, id }), toView)
}

/** @param organizerId whose it must be; `null` is anybody's */
export async function findManagedShowtime(
  pool: pg.Pool,
  id: string,
  organizerId: string | null,
): Promise<ManagedShowtime | null> {
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where s.id = $1::uuid and ($2::uuid is null or r.organizer_id = $2)`,
    [id, organizerId],
  )
  return rows[0] === undefined ? null : toView(rows[0])
}

/**
 * Showtimes whose ids are within this range, both ends included, the earliest first.
 *
 * @param organizerId whose they must be; `null` is anybody's
 */
export async function findManagedShowtimesWithin(
  pool: pg.Pool,
  [first, last]: readonly [string, string],
  organizerId: string | null,
): Promise<ManagedShowtime[]> {
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `${SELECT} where s.id between $1::uuid and $2::uuid and ($3::uuid is null or r.organizer_id = $3) order by s.starts_at, s.id`,
    [first, last, organizerId],
  )
  return rows.map(toView)
}

function toView({ startsAt, createdAt, startsAtUs: _, ...row }: Row): ManagedShowtime {
  return { ...row, startsAt: startsAt.toISOString(), createdAt: createdAt.toISOString() }
}
