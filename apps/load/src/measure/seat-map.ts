import type { Database } from '@boxoffice/core/db/connect.ts'
import type { SeatMap } from '../results/results.ts'

/** One showtime whose seats the report draws, by when they were sold. */
export interface DrawnShowtime {
  readonly showtimeId: string
  readonly title: string
}

/** Returns the database's own time: sales are dated by it. */
export async function databaseTime({ pool }: Database): Promise<Date> {
  const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now')
  return rows[0]?.now ?? new Date()
}

/** Reads every seat of a showtime, and when the booking that holds it now was made. */
export async function readSeatMap(
  { pool }: Database,
  { showtimeId, title }: DrawnShowtime,
  startedAt: Date,
): Promise<SeatMap> {
  const { rows } = await pool.query<SeatMap['seats'][number]>(
    `select s.label, s.x, s.y, (extract(epoch from b.created_at - $2) * 1000)::float8 as "soldMs"
     from showtimes t
     join seats s on s.layout_id = t.layout_id
     left join seat_allocations a on a.showtime_id = t.id and a.seat_label = s.label
     left join bookings b on b.id = a.booking_id
     where t.id = $1 order by s.position`,
    [showtimeId, startedAt],
  )
  return { title, seats: rows }
}
