import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** The seating of one showtime without its seats: the layout version that it uses, and its prices. */
export interface SeatMap {
  readonly layoutId: string
  readonly version: number
  /** A category without a price is not for sale. */
  readonly categories: readonly { readonly id: string; readonly name: string; readonly price: number | null }[]
  readonly currency: string
}

const READ_SEAT_MAP = {
  name: 'read-seat-map',
  text: `
    select l.id as "layoutId", l.version, s.currency,
           (select coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'price', p.price)
                                     order by c.position, c.id), '[]')
              from seat_categories c
              left join showtime_prices p on p.showtime_id = s.id and p.category_id = c.id
             where c.layout_id = s.layout_id) as categories
      from showtimes s join layouts l on l.id = s.layout_id
     where s.id = $1::uuid and s.status in ('active', 'cancelled')`,
}

/** Returns the seat map of a showtime; `null` if the public may not see it. */
export async function readSeatMap(executor: pg.Pool | pg.PoolClient, showtimeId: string): Promise<SeatMap | null> {
  const [found] = await run<SeatMap & Record<string, unknown>>(executor, READ_SEAT_MAP, [showtimeId])
  return found ?? null
}
