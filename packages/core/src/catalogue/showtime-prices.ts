import { asc, eq } from '../db/drizzle.ts'
import { seatCategories } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Minor } from '../domain/money/money.ts'
import type { Row } from '../fields/field.ts'
import type { SHOWTIME } from '../fields/showtime.ts'
import { FieldErrors } from './field-errors.ts'

/** The price of one seat category, which is named by its id or by its name; `null` is not for sale. */
export type NamedPrice = Row<typeof SHOWTIME>['prices'][number]

export interface SeatCategory {
  readonly id: string
  readonly name: string
}

/** Reads the seat categories of a layout, in the order in which they are shown. */
export function readCategories(tx: Transaction, layoutId: string): Promise<SeatCategory[]> {
  return tx.orm
    .select({ id: seatCategories.id, name: seatCategories.name })
    .from(seatCategories)
    .where(eq(seatCategories.layoutId, layoutId))
    .orderBy(asc(seatCategories.position), asc(seatCategories.id))
}

/**
 * Prices by category id, for a layout with these categories. Every category is named once: one that was forgotten would
 * not be for sale, and nobody would see why.
 *
 * @throws Problem `invalid_request`
 */
export function resolvePrices(
  categories: readonly SeatCategory[],
  prices: readonly NamedPrice[],
): ReadonlyMap<string, Minor | null> {
  const problems = new FieldErrors()
  const resolved = new Map<string, Minor | null>()
  for (const [index, { categoryId, category, price }] of prices.entries()) {
    const pointer = `/prices/${index}`
    if ((categoryId === undefined) === (category === undefined)) {
      problems.require(false, pointer, 'A price names its category by categoryId or by category, and not by both.')
      continue
    }
    const [field, named] = categoryId === undefined ? ['category', category] : ['categoryId', categoryId]
    const found = categories.find(({ id, name }) => (categoryId === undefined ? name === named : id === named))
    if (found === undefined) {
      problems.require(false, `${pointer}/${field}`, `${named} is no category of the layout.`)
      continue
    }
    problems.require(!resolved.has(found.id), `${pointer}/${field}`, `${found.name} has more than one price.`)
    resolved.set(found.id, price)
  }
  for (const { id, name } of categories) {
    problems.require(resolved.has(id), '/prices', `Category ${name} has no price; null says that it is not for sale.`)
  }
  problems.throwIfAny()
  return resolved
}
