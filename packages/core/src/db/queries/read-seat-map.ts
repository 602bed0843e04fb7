import type pg from 'pg'
import { run } from '../transaction.ts'

/** The seating of one showtime: the layout version it was created with, with the showtime's prices. */
export interface SeatMap {
  readonly version: number
  readonly rows: readonly SeatMapRow[]
  /** A category without a price is not for sale. */
  readonly categories: readonly { readonly id: string; readonly name: string; readonly price: number | null }[]
  readonly currency: string
}

export interface SeatMapRow {
  readonly label: string
  readonly seats: readonly SeatMapSeat[]
}

export interface SeatMapSeat {
  readonly label: string
  readonly x: number
  readonly y: number
  /** Id of the seat's category. */
  readonly category: string
  /** Never sold. */
  readonly disabled: boolean
  readonly accessible: boolean
}

interface Row {
  version: number
  currency: string
  categories: SeatMap['categories']
  seats: (SeatMapSeat & { readonly row: string })[]
}

const READ_SEAT_MAP = {
  name: 'read-seat-map',
  text: `
    select l.version, s.currency,
           (select coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'price', p.price)
                                     order by c.position, c.id), '[]')
              from seat_categories c
              left join showtime_prices p on p.showtime_id = s.id and p.category_id = c.id
             where c.layout_id = s.layout_id) as categories,
           (select coalesce(json_agg(json_build_object(
                     'row', t.row_label, 'label', t.label, 'x', t.x, 'y', t.y, 'category', t.category_id,
                     'disabled', t.disabled or p.price is null, 'accessible', t.accessible) order by t.position), '[]')
              from seats t
              left join showtime_prices p on p.showtime_id = s.id and p.category_id = t.category_id
             where t.layout_id = s.layout_id) as seats
      from showtimes s join layouts l on l.id = s.layout_id
     where s.id = $1::uuid and s.status in ('active', 'cancelled')`,
}

/** `null` where there is no such showtime for the public. A seat whose category has no price counts as disabled. */
export async function readSeatMap(executor: pg.Pool | pg.PoolClient, showtimeId: string): Promise<SeatMap | null> {
  const [found] = await run<Row>(executor, READ_SEAT_MAP, [showtimeId])
  if (found === undefined) return null
  const rows = new Map<string, SeatMapSeat[]>()
  for (const { row, ...seat } of found.seats) {
    const seats = rows.get(row)
    if (seats === undefined) rows.set(row, [seat])
    else seats.push(seat)
  }
  return {
    version: found.version,
    rows: [...rows].map(([label, seats]) => ({ label, seats })),
    categories: found.categories,
    currency: found.currency,
  }
}
