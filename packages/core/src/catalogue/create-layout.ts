import { insertAreas } from './queries/insert-areas.ts'
import { insertSeats } from './queries/insert-seats.ts'
import { eq, max } from '../db/drizzle.ts'
import { auditoriums, layouts, seatCategories } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { newId } from '../runtime/new-id.ts'
import { requireOwned } from './ownership.ts'
import { type LayoutDescription, prepareLayout, type PreparedLayout } from './prepare-layout.ts'
import type { Cause } from '../records/cause.ts'
import { recordChanges } from '../records/record-changes.ts'
import { Problem } from '../use-case/problem.ts'

interface NewLayout extends Cause {
  readonly id?: string | undefined
  readonly organizerId: string
  readonly auditoriumId: string
}

export interface CreateLayout extends NewLayout, LayoutDescription {}

export interface WriteLayout extends NewLayout {
  readonly layout: PreparedLayout
}

export interface CreatedLayout {
  readonly layoutId: string
  /** 1 for an auditorium's first layout. */
  readonly version: number
  /** Categories in the order of the input. */
  readonly categories: readonly { readonly id: string; readonly name: string }[]
}

/** All of a layout's seats: its transaction keeps a connection, and other imports into its auditorium, waiting. */
const WRITE_WITHIN_MS = 60_000
const RETRY_AFTER_S = 30

/**
 * Creates a version of an auditorium's seating. Showtimes that are created later use it, existing ones keep theirs.
 *
 * @throws Problem `invalid_request` naming the faulty rows and seats, `not_found` for the auditorium
 */
export function createLayout(
  tx: Transaction,
  { categories, rows, areas, focus, ...input }: CreateLayout,
): Promise<CreatedLayout> {
  return writeLayout(tx, { ...input, layout: prepareLayout({ categories, rows, areas, focus }) })
}

/**
 * Writes a prepared layout, in statements of bounded size. Locks the auditorium, so that versions made at once are
 * numbered one after the other.
 *
 * @param withinMs time for the statements
 * @throws Problem `not_found` for the auditorium, `overloaded` where the database takes too long
 */
export async function writeLayout(
  tx: Transaction,
  input: WriteLayout,
  withinMs: number = WRITE_WITHIN_MS,
): Promise<CreatedLayout> {
  const { organizerId, auditoriumId, layout } = input
  const untilMs = performance.now() + withinMs
  await requireOwned(tx, 'auditorium', organizerId, auditoriumId)

  await tx.orm.select().from(auditoriums).where(eq(auditoriums.id, auditoriumId)).for('no key update')
  const [latest] = await tx.orm
    .select({ version: max(layouts.version) })
    .from(layouts)
    .where(eq(layouts.auditoriumId, auditoriumId))
  const version = (latest?.version ?? 0) + 1

  const layoutId = input.id ?? newId()
  const categories = layout.categories.map((name) => ({ id: newId(), name }))
  const categoryIds = categories.map(({ id }) => id)
  const { x: focusX = null, y: focusY = null } = layout.focus ?? {}
  await tx.orm.insert(layouts).values({ id: layoutId, auditoriumId, version, focusX, focusY })
  await tx.orm
    .insert(seatCategories)
    .values(categories.map(({ id, name }, position) => ({ id, layoutId, name, position })))
  await insertAreas(tx.client, layoutId, categoryIds, layout.areas)
  for (const chunk of layout.chunks) {
    if (performance.now() > untilMs) {
      throw new Problem('overloaded', {
        detail: 'Writing the seats took too long, and nothing was stored. Retry later.',
        retryAfterSeconds: RETRY_AFTER_S,
      })
    }
    await insertSeats(tx.client, layoutId, categoryIds, chunk)
  }
  const { rowCount: rows, seatCount: seats } = layout
  const after = { auditoriumId, version, categories: layout.categories, rows, seats }
  await recordChanges(tx, input, [{ organizerId, type: 'layout.created', entityId: layoutId, after }])
  return { layoutId, version, categories }
}
