import type pg from 'pg'
import { buildHouse, type House, type SeatFacts } from '../../domain/house/house.ts'
import { run } from '../../db/transaction.ts'

interface Row {
  readonly focusX: number | null
  readonly focusY: number | null
  readonly categories: readonly string[]
  /** Seats in the layout's order: label, section, row, x, y, place of the category in `categories`, disabled, accessible. */
  readonly seats: readonly (readonly [string, string | null, string, number, number, number, boolean, boolean])[]
}

/** One document: read as rows, 20,000 seats would take a tenth of a second. */
const READ = {
  name: 'read-house',
  text: `
    with category as (
      select id, (row_number() over (order by position, id) - 1)::int as place from seat_categories where layout_id = $1::uuid
    )
    select l.focus_x as "focusX", l.focus_y as "focusY",
      (select coalesce(json_agg(id order by place), '[]') from category) as categories,
      (select coalesce(json_agg(json_build_array(s.label, s.section, s.row_label, s.x, s.y, c.place, s.disabled, s.accessible)
          order by s.position), '[]')
        from seats s join category c on c.id = s.category_id where s.layout_id = l.id) as seats
    from layouts l where l.id = $1::uuid`,
}

/** Reads all of a layout, in the form in which seats are chosen. Layouts never change. */
export async function readHouse(executor: pg.Pool | pg.PoolClient, layoutId: string): Promise<House> {
  const [row] = await run<Row & Record<string, unknown>>(executor, READ, [layoutId])
  if (row === undefined) throw new Error(`there is no layout ${layoutId}`)
  const { focusX, focusY, categories, seats } = row
  const facts = seats.map(([label, section, name, x, y, category, disabled, accessible]): SeatFacts => ({
    label,
    section,
    row: name,
    x,
    y,
    categoryId: categories[category] ?? '',
    disabled,
    accessible,
  }))
  return buildHouse(facts, focusX === null || focusY === null ? null : { x: focusX, y: focusY })
}
