import type pg from 'pg'
import { run } from '../../db/transaction.ts'

/** The seating of a showtime, or of an event with a house, without its seats: the layout version that it uses, and its prices. */
export interface SeatMap {
  readonly kind: 'showtime' | 'event'
  readonly layoutId: string
  readonly version: number
  /** A category without a price is not for sale. */
  readonly categories: readonly {
    readonly id: string
    readonly name: string
    readonly price: number | null
    readonly rates: Readonly<Record<string, number | null>>
  }[]
  /** Parts without seats; `shape` has the corners of a polygon, or is `null`. */
  readonly areas: readonly {
    readonly label: string
    readonly categoryId: string
    readonly capacity: number
    readonly shape: readonly (readonly [number, number])[] | null
  }[]
  /** The point that the best seats are nearest to; `null` where the layout says nothing. */
  readonly focus: { readonly x: number; readonly y: number } | null
  readonly currency: string
}

const READ_SEAT_MAP = {
  name: 'read-seat-map',
  text: `
    select h.kind, l.id as "layoutId", l.version, h.currency,
           (select coalesce(json_agg(json_build_object('id', c.id, 'name', c.name, 'price', p.price,
                       'rates', coalesce(p.rates, '{}'))
                                     order by c.position, c.id), '[]')
              from seat_categories c
              left join showtime_prices p on p.showtime_id = h.id and p.category_id = c.id
             where c.layout_id = l.id) as categories,
           (select coalesce(json_agg(json_build_object('label', a.label, 'categoryId', a.category_id, 'capacity', a.capacity,
                                                       'shape', a.shape) order by a.position), '[]')
              from layout_areas a where a.layout_id = l.id) as areas,
           case when l.focus_x is not null then json_build_object('x', l.focus_x, 'y', l.focus_y) end as focus
      from (select 'showtime' as kind, id, layout_id, currency from showtimes
             where id = $1::uuid and status in ('active', 'cancelled')
            union all
            select 'event', id, layout_id, currency from events
             where id = $1::uuid and status in ('published', 'cancelled')) h
      join layouts l on l.id = h.layout_id`,
}

/** Returns the seat map of a showtime or an event; `null` if the public may not see it, or the event has no house. */
export async function readSeatMap(executor: pg.Pool | pg.PoolClient, resourceId: string): Promise<SeatMap | null> {
  const [found] = await run<SeatMap & Record<string, unknown>>(executor, READ_SEAT_MAP, [resourceId])
  return found ?? null
}
