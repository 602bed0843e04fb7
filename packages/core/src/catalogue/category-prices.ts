import type { z } from 'zod'
import { asc, eq } from '../db/drizzle.ts'
import { categoryPrices, seatCategories } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Minor } from '../domain/money/money.ts'
import type { Rate } from '../domain/rate.ts'
import type { PRICES } from '../fields/prices.ts'
import { type Differences, differences } from '../records/differences.ts'
import { FieldErrors } from './field-errors.ts'

/** The prices of one seat category, which is named by its id or by its name; `null` is not for sale. */
export type NamedPrice = z.output<(typeof PRICES)['taken']>[number]

/** Prices of a category's places: at the first rate, and at others by their codes. */
export interface CategoryPrices {
  readonly price: Minor
  readonly rates: Readonly<Record<string, Minor | null>>
}

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
 * Returns the prices by category id, for a layout with these categories. Every category is named once: one that was forgotten would
 * not be for sale, and nobody would see why.
 *
 * @throws Problem `invalid_request`
 */
export function resolvePrices(
  categories: readonly SeatCategory[],
  prices: readonly NamedPrice[],
  rates: readonly Rate[],
): ReadonlyMap<string, CategoryPrices | null> {
  const problems = new FieldErrors()
  const resolved = new Map<string, CategoryPrices | null>()
  for (const [index, { categoryId, category, price, rates: ofRates = {} }] of prices.entries()) {
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
    for (const code of Object.keys(ofRates)) {
      const known = rates.findIndex((rate) => rate.code === code)
      problems.require(known >= 0, `${pointer}/rates/${code}`, `${code} is no rate here; declare it in rates.`)
      problems.require(known !== 0, `${pointer}/rates/${code}`, `${code} is the first rate, whose price is price.`)
    }
    resolved.set(found.id, price === null ? null : { price, rates: ofRates })
  }
  for (const { id, name } of categories) {
    problems.require(resolved.has(id), '/prices', `Category ${name} has no price; null says that it is not for sale.`)
  }
  problems.throwIfAny()
  return resolved
}

/** Writes the prices of a new showtime or event. */
export async function insertPrices(
  tx: Transaction,
  resourceId: string,
  prices: ReadonlyMap<string, CategoryPrices | null>,
): Promise<void> {
  const rows = [...prices].flatMap(([categoryId, price]) =>
    price === null ? [] : [{ resourceId, categoryId, ...price }],
  )
  if (rows.length > 0) await tx.orm.insert(categoryPrices).values(rows)
}

/** Prices by the names of their categories: at the first rate, and at others. */
interface PricesByName {
  readonly prices: Readonly<Record<string, Minor | null>>
  readonly ratePrices: Readonly<Record<string, CategoryPrices['rates']>>
}

/**
 * Writes the prices of what is moved from one layout to another, or gets other prices or rates; returns what they were and are,
 * or `null` where nothing changes. Those that are not named follow their categories' names.
 *
 * @throws Problem `invalid_request`
 */
export async function changePrices(
  tx: Transaction,
  resourceId: string,
  { from, to, rates }: { readonly from: string; readonly to: string; readonly rates: readonly Rate[] },
  wanted: readonly NamedPrice[] | undefined,
): Promise<Differences<PricesByName> | null> {
  const known = await readCategories(tx, from)
  const stored = await tx.orm.select().from(categoryPrices).where(eq(categoryPrices.resourceId, resourceId))
  const priceOf = new Map(
    stored.map(({ categoryId, price, rates: ofRates }) => [categoryId, { price, rates: ofRates }]),
  )
  const before = byName(known, priceOf)

  const categories = from === to ? known : await readCategories(tx, to)
  const follow = categories.flatMap(({ id, name }): NamedPrice[] => {
    const price = before.prices[name]
    return price === undefined ? [] : [{ categoryId: id, price, rates: before.ratePrices[name] ?? {} }]
  })
  const resolved = resolvePrices(categories, wanted ?? follow, rates)
  const after = byName(categories, resolved)
  const changed = differences(before, after)
  if (from === to && changed === null) return null

  await tx.orm.delete(categoryPrices).where(eq(categoryPrices.resourceId, resourceId))
  await insertPrices(tx, resourceId, resolved)
  // Of a move all prices are told: they are those of other categories, even where the names are the same.
  const { prices: was } = before
  const { prices: is } = after
  return from === to
    ? changed
    : { before: { ...changed?.before, prices: was }, after: { ...changed?.after, prices: is } }
}

function byName(
  categories: readonly SeatCategory[],
  priceOf: ReadonlyMap<string, CategoryPrices | null>,
): PricesByName {
  const priced = categories.map(({ id, name }) => [name, priceOf.get(id) ?? null] as const)
  return {
    prices: Object.fromEntries(priced.map(([name, price]) => [name, price?.price ?? null])),
    ratePrices: Object.fromEntries(
      priced.flatMap(([name, price]) =>
        price === null || Object.keys(price.rates).length === 0 ? [] : [[name, price.rates]],
      ),
    ),
  }
}
