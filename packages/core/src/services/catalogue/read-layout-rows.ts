import { and, asc, desc, eq } from '../../db/drizzle.ts'
import type { Database } from '../../db/connect.ts'
import { layouts, seatCategories, seats } from '../../db/schema/index.ts'
import type { LayoutRow } from './prepare-layout.ts'

/** A version of an auditorium's seating, as an import takes it. */
export interface StoredLayout {
  readonly id: string
  readonly version: number
  readonly categories: readonly { readonly id: string; readonly name: string }[]
  readonly rows: readonly LayoutRow[]
}

/** The latest version where none is named; `null` where there is no such one. Needs no locks: layouts never change. */
export async function readLayoutRows(
  { orm }: Pick<Database, 'orm'>,
  auditoriumId: string,
  version?: number,
): Promise<StoredLayout | null> {
  const [layout] = await orm
    .select({ id: layouts.id, version: layouts.version })
    .from(layouts)
    .where(
      and(eq(layouts.auditoriumId, auditoriumId), version === undefined ? undefined : eq(layouts.version, version)),
    )
    .orderBy(desc(layouts.version))
    .limit(1)
  if (layout === undefined) return null
  const categories = await orm
    .select({ id: seatCategories.id, name: seatCategories.name })
    .from(seatCategories)
    .where(eq(seatCategories.layoutId, layout.id))
    .orderBy(asc(seatCategories.position), asc(seatCategories.id))
  const names = new Map(categories.map(({ id, name }) => [id, name]))
  const found = await orm.select().from(seats).where(eq(seats.layoutId, layout.id)).orderBy(asc(seats.position))
  const rows: { label: string; seats: LayoutRow['seats'][number][] }[] = []
  for (const { rowLabel, number, x, y, categoryId, disabled, accessible } of found) {
    let row = rows.at(-1)
    if (row?.label !== rowLabel) rows.push((row = { label: rowLabel, seats: [] }))
    row.seats.push({ number, x, y, category: names.get(categoryId) ?? '', disabled, accessible })
  }
  return { ...layout, categories, rows }
}
