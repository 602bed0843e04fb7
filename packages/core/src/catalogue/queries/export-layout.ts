import type pg from 'pg'

/** A version of an auditorium's seating as an import takes it. */
export interface ExportedLayout {
  /** Names, in the order to show them. */
  readonly categories: readonly string[]
  /**
   * Each row as JSON: `{"label", "seats": [{"number", "x", "y", "category", "disabled", "accessible"}]}`. Written by
   * PostgreSQL, which takes no turn of the event loop.
   */
  readonly rows: readonly string[]
}

/** Returns the named version, or the latest; `null` if there is none. Needs no locks: layouts never change. */
export async function exportLayout(
  pool: pg.Pool,
  auditoriumId: string,
  version: number | null,
): Promise<ExportedLayout | null> {
  const { rows: found } = await pool.query<{ id: string; categories: string[] }>(
    `select l.id,
       (select array_agg(name order by position, id) from seat_categories where layout_id = l.id) as categories
     from layouts l where auditorium_id = $1 and ($2::integer is null or version = $2)
     order by version desc limit 1`,
    [auditoriumId, version],
  )
  const [layout] = found
  if (layout === undefined) return null
  const { rows } = await pool.query<{ row: string }>(
    `select '{"label":' || to_json(s.row_label) || ',"seats":[' || string_agg(
         '{"number":' || s.number || ',"x":' || s.x || ',"y":' || s.y || ',"category":' || to_json(c.name)
         || ',"disabled":' || s.disabled || ',"accessible":' || s.accessible || '}', ',' order by s.position) || ']}' as row
     from seats s join seat_categories c on c.id = s.category_id
     where s.layout_id = $1 group by s.row_label order by min(s.position)`,
    [layout.id],
  )
  return { categories: layout.categories, rows: rows.map(({ row }) => row) }
}
