import { eq, max, sql } from '../../db/drizzle.ts'
import { auditoriums, layouts, seatCategories } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'
import { newId } from '../new-id.ts'
import { checkLayout, type LayoutRow } from './layout-rows.ts'
import { requireAuditorium } from './ownership.ts'
import { recordCreation, type CreatedBy } from './record-changes.ts'

export interface CreateLayout extends CreatedBy {
  readonly id?: string | undefined
  readonly organizerId: string
  readonly auditoriumId: string
  /** Names of the seat categories, in the order in which they are shown. */
  readonly categories: readonly string[]
  /** From the screen or stage to the back. */
  readonly rows: readonly LayoutRow[]
}

export interface CreatedLayout {
  readonly layoutId: string
  /** 1 for an auditorium's first layout. */
  readonly version: number
  /** In the order of the input. */
  readonly categories: readonly { readonly id: string; readonly name: string }[]
}

/**
 * A new version of an auditorium's seating; showtimes created later use it, existing ones keep theirs.
 * Locks the auditorium, so that versions made at once are numbered one after the other.
 *
 * @throws InvalidCatalogueError naming the faulty rows and seats, NotFoundError for the auditorium
 */
export async function createLayout(tx: Transaction, input: CreateLayout): Promise<CreatedLayout> {
  const { organizerId, auditoriumId, rows } = input
  checkLayout(input.categories, rows)
  await requireAuditorium(tx, organizerId, auditoriumId)

  await tx.orm.select().from(auditoriums).where(eq(auditoriums.id, auditoriumId)).for('no key update')
  const [latest] = await tx.orm
    .select({ version: max(layouts.version) })
    .from(layouts)
    .where(eq(layouts.auditoriumId, auditoriumId))
  const version = (latest?.version ?? 0) + 1

  const layoutId = input.id ?? newId()
  const categories = input.categories.map((name) => ({ id: newId(), name }))
  await tx.orm.insert(layouts).values({ id: layoutId, auditoriumId, version })
  await tx.orm
    .insert(seatCategories)
    .values(categories.map(({ id, name }, position) => ({ id, layoutId, name, position })))
  await insertSeats(tx, layoutId, rows, new Map(categories.map(({ id, name }) => [name, id])))
  await recordCreation(tx, input, [
    {
      organizerId,
      entity: 'layout',
      entityId: layoutId,
      after: {
        auditoriumId,
        version,
        categories: input.categories,
        rows: rows.length,
        seats: rows.reduce((sum, row) => sum + row.seats.length, 0),
      },
    },
  ])
  return { layoutId, version, categories }
}

/** As arrays, eight parameters in all: `values()` of 20,000 rows would need three times what the protocol allows. */
async function insertSeats(
  tx: Transaction,
  layoutId: string,
  rows: readonly LayoutRow[],
  categoryIds: ReadonlyMap<string, string>,
): Promise<void> {
  const all = rows.flatMap((row) => row.seats.map((seat) => ({ row: row.label, ...seat })))
  await tx.orm.execute(sql`
    insert into seats (layout_id, label, row_label, number, position, x, y, category_id, disabled, accessible)
    select ${layoutId}::uuid, row_label || number, row_label, number, position, x, y, category_id, disabled, accessible
    from unnest(
      ${sql.param(all.map((seat) => seat.row))}::text[],
      ${sql.param(all.map((seat) => seat.number))}::integer[],
      ${sql.param(all.map((seat) => seat.x))}::real[],
      ${sql.param(all.map((seat) => seat.y))}::real[],
      ${sql.param(all.map((seat) => categoryIds.get(seat.category)))}::uuid[],
      ${sql.param(all.map((seat) => seat.disabled ?? false))}::boolean[],
      ${sql.param(all.map((seat) => seat.accessible ?? false))}::boolean[]
    ) with ordinality as seat (row_label, number, x, y, category_id, disabled, accessible, position)`)
}
