/** A showtime as clients see it. Times RFC 3339 in UTC, prices integer minor units of `currency`. */
export interface ShowtimeView {
  readonly id: string
  readonly movie: {
    readonly id: string
    readonly title: string
    readonly durationMinutes: number
    readonly rating: string
  }
  readonly venue: { readonly id: string; readonly name: string; readonly address: string; readonly timeZone: string }
  readonly auditorium: { readonly id: string; readonly name: string }
  readonly startsAt: string
  readonly status: 'active' | 'cancelled'
  readonly currency: string
  readonly maxSeatsPerBooking: number
  readonly prices: readonly CategoryPrice[]
  readonly layoutVersion: number
}

export interface CategoryPrice {
  readonly categoryId: string
  readonly name: string
  readonly price: number
}

export interface ShowtimeRow {
  id: string
  starts_at: Date
  /** Microseconds since the epoch, for cursors. */
  starts_at_us: number
  status: 'active' | 'cancelled'
  currency: string
  max_seats_per_booking: number
  layout_version: number
  movie_id: string
  movie_title: string
  movie_duration_minutes: number
  movie_rating: string
  venue_id: string
  venue_name: string
  venue_address: string
  venue_time_zone: string
  auditorium_id: string
  auditorium_name: string
  prices: CategoryPrice[]
}

/**
 * Selects `ShowtimeRow`s from `showtimes s`; a WHERE clause follows it. LATERAL with OFFSET 0 looks categories up by key
 * also while there are no statistics yet.
 */
export const SELECT_SHOWTIME = `
  select s.id, s.starts_at, (extract(epoch from s.starts_at) * 1000000)::bigint as starts_at_us, s.status, s.currency,
         s.max_seats_per_booking, l.version as layout_version,
         m.id as movie_id, m.title as movie_title, m.duration_minutes as movie_duration_minutes,
         m.rating as movie_rating,
         v.id as venue_id, v.name as venue_name, v.address as venue_address, v.time_zone as venue_time_zone,
         a.id as auditorium_id, a.name as auditorium_name,
         (select coalesce(json_agg(json_build_object('categoryId', c.id, 'name', c.name, 'price', p.price)
                                   order by c.position, c.id), '[]')
            from showtime_prices p
           cross join lateral (select * from seat_categories where id = p.category_id offset 0) c
           where p.showtime_id = s.id) as prices
    from showtimes s
    join movies m on m.id = s.movie_id
    join auditoriums a on a.id = s.auditorium_id
    join venues v on v.id = a.venue_id
    join layouts l on l.id = s.layout_id`

export function toShowtimeView(row: ShowtimeRow): ShowtimeView {
  return {
    id: row.id,
    movie: {
      id: row.movie_id,
      title: row.movie_title,
      durationMinutes: row.movie_duration_minutes,
      rating: row.movie_rating,
    },
    venue: { id: row.venue_id, name: row.venue_name, address: row.venue_address, timeZone: row.venue_time_zone },
    auditorium: { id: row.auditorium_id, name: row.auditorium_name },
    startsAt: row.starts_at.toISOString(),
    status: row.status,
    currency: row.currency,
    maxSeatsPerBooking: row.max_seats_per_booking,
    prices: row.prices,
    layoutVersion: row.layout_version,
  }
}
