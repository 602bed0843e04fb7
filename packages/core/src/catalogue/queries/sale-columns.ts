import { saleState, withSalesEnd } from '../../domain/sale-window.ts'

/** SQL of the end of a showtime `s` of the movie `m`. */
export const SHOWTIME_ENDS_AT = 's.starts_at + make_interval(mins => m.duration_minutes)'

/** Longest movie that can be made: a showtime that started longer ago is over, which its index knows. */
const LONGEST_SHOW = "interval '1440 minutes'"

/**
 * Returns the conditions of a showtime `s` of the movie `m` whose public sale has not ended. Only one that has started
 * is looked up in its resource: the index has thousands that start later.
 *
 * @param sellsForMs parameter that has the time after its start for which a showtime sells by default
 */
export const showtimeSells = (sellsForMs: string) => `s.starts_at > now() - ${LONGEST_SHOW}
  and ${SHOWTIME_ENDS_AT} > now()
  and coalesce((select sales_end_at from resources where id = s.id),
    s.starts_at + ${sellsForMs}::float8 * interval '1 millisecond') > now()`

/** Condition of an event `e` whose public sale has not ended. */
export const EVENT_SELLS = `e.ends_at > now()
  and coalesce((select sales_end_at from resources where id = e.id), e.ends_at) > now()`

/** Returns the SQL of columns that `withSale` needs besides `startsAt` and `status`. */
export const saleColumns = (resource: string, endsAt: string) => `${resource}.kind as "saleKind",
  ${resource}.sales_start_at as "salesStartAt", ${resource}.sales_end_at as "salesEndAt",
  ${endsAt} as "saleOver", now() as "saleNow"`

export interface WithSaleColumns extends Record<string, unknown> {
  readonly saleKind: 'showtime' | 'event'
  readonly status: string
  readonly startsAt: Date
  readonly saleOver: Date
  readonly saleNow: Date
  readonly salesStartAt: Date | null
  readonly salesEndAt: Date | null
}

/**
 * Returns what is shown of a sale: whether the public can book now, and for the public when that ends.
 *
 * @param showtimeSellsForMs as in `salesEnd`; events have no need of it
 */
export function withSale<Row extends WithSaleColumns>(
  row: Row,
  shownTo: 'public' | 'organizer',
  showtimeSellsForMs?: number,
): Row & { readonly onSale: boolean } {
  const { saleKind, saleOver, saleNow, ...shown } = row
  const times = withSalesEnd(
    {
      kind: saleKind,
      startsAt: row.startsAt.getTime(),
      endsAt: saleOver.getTime(),
      salesStartAt: row.salesStartAt?.getTime() ?? null,
      salesEndAt: row.salesEndAt?.getTime() ?? null,
    },
    showtimeSellsForMs,
  )
  const isListed = row.status === 'active' || row.status === 'published'
  const onSale = isListed && saleState(times, saleNow.getTime(), 'public') === 'open'
  const salesEndAt = shownTo === 'public' ? new Date(times.salesEndAt) : row.salesEndAt
  // Without the columns that only this function reads; the compiler knows no row without some of its columns.
  return { ...shown, salesEndAt, onSale } as unknown as Row & { readonly onSale: boolean }
}

/**
 * Returns the SQL of the rates and prices of a showtime or event. LATERAL with OFFSET 0 looks categories up by key also while
 * there are no statistics yet.
 */
export const priceColumns = (resource: string) => `${resource}.rates,
  (select coalesce(json_agg(json_build_object('categoryId', c.id, 'name', c.name, 'price', p.price, 'rates', p.rates)
      order by c.position, c.id), '[]')
    from showtime_prices p
    cross join lateral (select * from seat_categories where id = p.category_id offset 0) c
    where p.showtime_id = ${resource}.id) as prices`
