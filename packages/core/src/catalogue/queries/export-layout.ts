import type pg from 'pg'

/** A version of an auditorium's seating as an import takes it. */
export interface ExportedLayout {
  /** Names, in the order to show them. */
  readonly categories: readonly string[]
  /**
   * Each row as JSON: `{"label", "section"?, "seats": [{"number", "label"?, "x", "y", "category", "disabled",
   * "accessible"}]}`. Written by PostgreSQL, which takes no turn of the event loop.
   */
  readonly rows: readonly string[]
  /** All areas as JSON: `[{"label", "category", "capacity", "shape"?}]`; `null` if there are none. */
  readonly areas: string | null
  /** Focus as JSON; `null` if there is none. */
  readonly focus: string | null
}

interface Found extends Omit<ExportedLayout, 'rows'>, Record<string, unknown> {
  readonly id: string
}

const FIND = `
  select l.id,
    (select array_agg(name order by position, id) from seat_categories where layout_id = l.id) as categories,
    (select json_agg(json_strip_nulls(json_build_object('label', a.label, 'category', c.name, 'capacity', a.capacity,
         'shape', a.shape)) order by a.position)::text
       from layout_areas a join seat_categories c on c.id = a.category_id where a.layout_id = l.id) as areas,
    case when l.focus_x is not null then json_build_object('x', l.focus_x, 'y', l.focus_y)::text end as focus
  from layouts l where auditorium_id = $1 and ($2::integer is null or version = $2)
  order by version desc limit 1`

const DIGITS = '0123456789'
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/**
 * The label that an import makes (`domain/seat-label.ts`), where row and seat have Latin letters and digits; `null` elsewhere,
 * and the export has the label.
 */
const MADE_LABEL = `case
    when strpos('${LETTERS}', left(s.name, 1)) > 0 then s.prefix || '-' || s.name
    when strpos('${DIGITS}', left(s.name, 1)) = 0 then null
    when strpos('${LETTERS}-', right(s.prefix, 1)) > 0 then s.prefix || s.name
    when strpos('${DIGITS}', right(s.prefix, 1)) > 0 then s.prefix || '-' || s.name end`

const ROWS = `
  select '{"label":' || to_json(s.row_label) || coalesce(',"section":' || to_json(s.section), '') || ',"seats":['
    || string_agg('{"number":' || coalesce(s.number::text, to_json(s.name)::text)
      || case when s.label = ${MADE_LABEL} then '' else ',"label":' || to_json(s.label) end
      || ',"x":' || s.x || ',"y":' || s.y || ',"category":' || to_json(c.name)
      || ',"disabled":' || s.disabled || ',"accessible":' || s.accessible || '}', ',' order by s.position)
    || ']}' as row
  from (
    select *, coalesce(seat_name, number::text) as name, coalesce(section || '/', '') || row_label as prefix from seats
  ) s
  join seat_categories c on c.id = s.category_id
  where s.layout_id = $1 group by s.section, s.row_label order by min(s.position)`

/** Returns the named version, or the latest; `null` if there is none. Needs no locks: layouts never change. */
export async function exportLayout(
  pool: pg.Pool,
  auditoriumId: string,
  version: number | null,
): Promise<ExportedLayout | null> {
  const { rows: found } = await pool.query<Found>(FIND, [auditoriumId, version])
  const [layout] = found
  if (layout === undefined) return null
  const { categories, areas, focus } = layout
  const { rows } = await pool.query<{ row: string }>(ROWS, [layout.id])
  return { categories, rows: rows.map(({ row }) => row), areas, focus }
}

/** Returns an exported layout as one JSON document. */
export function exportedJson({ categories, rows, areas, focus }: ExportedLayout): string {
  const more = `${areas === null ? '' : `,"areas":${areas}`}${focus === null ? '' : `,"focus":${focus}`}`
  return `{"categories":${JSON.stringify(categories)},"rows":[${rows.join(',')}]${more}}`
}
