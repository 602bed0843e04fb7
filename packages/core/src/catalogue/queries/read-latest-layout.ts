import type pg from 'pg'

/** The latest version of an auditorium's seating, without the seats. */
export interface LatestLayout {
  readonly id: string
  readonly version: number
  /** Categories in the order in which they are shown. */
  readonly categories: readonly { readonly id: string; readonly name: string }[]
  readonly seats: number
  readonly focusX: number | null
  readonly focusY: number | null
  /** Number of versions. */
  readonly versions: number
}

/** Returns `null` for an auditorium that has no layout yet. Needs no lock of its own: whoever adds one locks the auditorium. */
export async function readLatestLayout(client: pg.PoolClient, auditoriumId: string): Promise<LatestLayout | null> {
  const { rows } = await client.query<LatestLayout>(
    `select l.id, l.version, l.focus_x as "focusX", l.focus_y as "focusY",
       (select json_agg(json_build_object('id', c.id, 'name', c.name) order by c.position, c.id)
          from seat_categories c where c.layout_id = l.id) as categories,
       (select count(*)::int from seats where layout_id = l.id) as seats,
       (select count(*)::int from layouts where auditorium_id = l.auditorium_id) as versions
     from layouts l where l.auditorium_id = $1 order by l.version desc limit 1`,
    [auditoriumId],
  )
  return rows[0] ?? null
}
