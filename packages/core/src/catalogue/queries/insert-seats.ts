import type pg from 'pg'

/**
 * Some seats of a layout, in PostgreSQL's notation of arrays: whoever sends them has nothing left to serialise. Seats
 * are in their order; `categories` counts from 1 in the layout's list of categories.
 */
export interface SeatChunk {
  /** Position in the layout of its first seat, from 1. */
  readonly first: number
  readonly labels: string
  readonly sections: string
  readonly rowLabels: string
  readonly names: string
  /** The numbers that names are, for readers from before seats had names. */
  readonly numbers: string
  readonly xs: string
  readonly ys: string
  readonly categories: string
  readonly disabled: string
  readonly accessible: string
}

/** The chunk's seats as rows, from `$4` on; `$3` is the position of the first, `$2` the ids of the categories. */
const CHUNK = `
  select s.label, s.section, s.row_label, s.seat_name, s.number, $3::integer + s.ordinality - 1 as position, s.x, s.y,
    ($2::uuid[])[s.category] as category_id, s.disabled, s.accessible
  from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::real[], $10::real[], $11::integer[],
      $12::boolean[], $13::boolean[])
    with ordinality as s (label, section, row_label, seat_name, number, x, y, category, disabled, accessible)`

/** Writes a chunk of a layout's seats. */
export async function insertSeats(
  client: pg.PoolClient,
  layoutId: string,
  categoryIds: readonly string[],
  chunk: SeatChunk,
): Promise<void> {
  await client.query(
    `insert into seats (layout_id, label, section, row_label, seat_name, number, position, x, y, category_id, disabled,
       accessible)
     select $1::uuid, label, section, row_label, seat_name, number, position, x, y, category_id, disabled, accessible
     from (${CHUNK}) as chunk`,
    valuesOf(layoutId, categoryIds, chunk),
  )
}

/** Returns whether the layout has these very seats at these positions. Compared as they are stored, in single precision. */
export async function hasSeats(
  client: pg.PoolClient,
  layoutId: string,
  categoryIds: readonly string[],
  chunk: SeatChunk,
): Promise<boolean> {
  const { rows } = await client.query<{ same: boolean }>(
    `select not exists (
       select from (${CHUNK}) as chunk
       left join seats on seats.layout_id = $1::uuid and seats.position = chunk.position
       where (seats.label, seats.section, seats.row_label, coalesce(seats.seat_name, seats.number::text), seats.x, seats.y,
           seats.category_id, seats.disabled, seats.accessible)
         is distinct from
         (chunk.label, chunk.section, chunk.row_label, chunk.seat_name, chunk.x, chunk.y, chunk.category_id,
           chunk.disabled, chunk.accessible)
     ) as same`,
    valuesOf(layoutId, categoryIds, chunk),
  )
  return rows[0]?.same === true
}

function valuesOf(layoutId: string, categoryIds: readonly string[], chunk: SeatChunk): unknown[] {
  const { first, labels, sections, rowLabels, names, numbers, xs, ys, categories, disabled, accessible } = chunk
  return [
    layoutId,
    categoryIds,
    first,
    labels,
    sections,
    rowLabels,
    names,
    numbers,
    xs,
    ys,
    categories,
    disabled,
    accessible,
  ]
}
