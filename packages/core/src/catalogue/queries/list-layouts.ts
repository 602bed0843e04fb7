import type pg from 'pg'

/** A version of an auditorium's seating, without the seats. Times RFC 3339. */
export interface LayoutView {
  readonly version: number
  readonly categories: readonly { readonly id: string; readonly name: string; readonly seats: number }[]
  readonly rows: number
  readonly seats: number
  readonly areas: number
  /** Places of all areas together. */
  readonly areaCapacity: number
  readonly createdAt: string
}

type Row = Omit<LayoutView, 'createdAt'> & { readonly createdAt: Date }

/**
 * Lists the latest versions first, at most `limit`, all below `before`. Seats of a category are all of them, disabled too;
 * they were counted when the layout was made.
 */
export async function listLayouts(
  pool: pg.Pool,
  auditoriumId: string,
  limit: number,
  before: number | null,
): Promise<LayoutView[]> {
  const { rows } = await pool.query<Row & Record<string, unknown>>(
    `select l.version, l.created_at as "createdAt", coalesce(s.rows, 0) as rows, coalesce(s.seats, 0) as seats,
       a.areas, a.capacity as "areaCapacity",
       (select coalesce(json_agg(json_build_object('id', c.id, 'name', c.name,
            'seats', coalesce((s.categories -> c.id::text ->> 'seats')::int, 0)) order by c.position, c.id), '[]')
          from seat_categories c where c.layout_id = l.id) as categories
     from layouts l
     left join layout_sizes s on s.layout_id = l.id
     cross join lateral (select count(*)::int as areas, coalesce(sum(capacity), 0)::int as capacity
       from layout_areas where layout_id = l.id) a
     where l.auditorium_id = $1::uuid and ($3::int is null or l.version < $3)
     order by l.version desc limit $2::int`,
    [auditoriumId, limit, before],
  )
  return rows.map(({ createdAt, ...row }) => ({ ...row, createdAt: createdAt.toISOString() }))
}
