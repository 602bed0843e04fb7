/**
 * Changing a showtime, putting it on sale and taking it off.
 *
 * Keeps: what was booked stays booked, at its price; a seat that is held or sold neither vanishes nor is disabled by
 * another version of the layout. I7.
 * Locks: the resource's state, as deciding does, so that a decision sees all of a change or nothing of it; then the layout
 * that it is moved to, FOR KEY SHARE.
 */
import { eq } from '../db/drizzle.ts'
import { showtimePrices, showtimes } from '../db/schema/index.ts'
import { findLostSeats } from './queries/find-lost-seats.ts'
import type { Transaction } from '../db/transaction.ts'
import type { Minor } from '../domain/money/money.ts'
import { type Changes, fieldsOf } from '../fields/field.ts'
import { SHOWTIME } from '../fields/showtime.ts'
import { notFound, Problem } from '../use-case/problem.ts'
import { finishChange, requireChangeable } from './change-resource.ts'
import { requireLayout } from './create-showtime.ts'
import { type Differences, differences } from '../records/differences.ts'
import { lockResource, type ResourceChange } from './lock-resource.ts'
import { type NamedPrice, readCategories, resolvePrices } from './showtime-prices.ts'

export interface UpdateShowtime extends ResourceChange, Omit<Changes<typeof SHOWTIME>, 'status'> {
  readonly showtimeId: string
  readonly status?: 'draft' | 'active' | undefined
}

/**
 * Changes a showtime.
 *
 * @returns the resource's new version; `null` where nothing changed
 * @throws Problem `invalid_request`, `not_found`, `invalid_transition` for a cancelled showtime
 * @throws Problem `seats_sold`, `in_use`, `not_on_sale`
 */
export async function updateShowtime(tx: Transaction, input: UpdateShowtime): Promise<number | null> {
  const { showtimeId } = input
  const resource = await lockResource(tx, 'showtime', showtimeId, input.organizerId)
  const [found] = await tx.orm.select().from(showtimes).where(eq(showtimes.id, showtimeId))
  if (found === undefined) throw notFound('showtime')
  const what = await requireChangeable(tx, resource, found, input)

  const { auditoriumId, layoutId: current } = found
  const { layoutVersion } = input
  const layoutId = layoutVersion === undefined ? current : await requireLayout(tx, auditoriumId, layoutVersion)
  if (layoutId !== current) await requireSeatsStay(tx, showtimeId, layoutId)
  const row = differences({ layoutId: current, ...fieldsOf(SHOWTIME, found) }, { ...input, layoutId })
  const prices = await changePrices(tx, showtimeId, current, layoutId, input.prices)
  if (row !== null) await tx.orm.update(showtimes).set(row.after).where(eq(showtimes.id, showtimeId))
  return finishChange(tx, input, resource, what, input, [row, prices])
}

const NAMED_SEATS = 100

async function requireSeatsStay(tx: Transaction, showtimeId: string, layoutId: string): Promise<void> {
  const lost = await findLostSeats(tx.client, showtimeId, layoutId)
  if (lost.length === 0) return
  const seats = lost.slice(0, NAMED_SEATS)
  const more = lost.length > NAMED_SEATS ? ` and ${lost.length - NAMED_SEATS} more` : ''
  const detail = `In this version of the layout there would be no seat ${seats.join(', ')}${more}, held or sold now.`
  throw new Problem('seats_sold', { detail, facts: { seats, count: lost.length } })
}

type Prices = Readonly<Record<string, Minor | null>>

/** Writes the prices, if they change; what they were and are, by the categories' names. */
async function changePrices(
  tx: Transaction,
  showtimeId: string,
  fromLayout: string,
  toLayout: string,
  wanted: readonly NamedPrice[] | undefined,
): Promise<Differences<{ readonly prices: Prices }> | null> {
  if (wanted === undefined && fromLayout === toLayout) return null
  const known = await readCategories(tx, fromLayout)
  const stored = await tx.orm.select().from(showtimePrices).where(eq(showtimePrices.showtimeId, showtimeId))
  const priceOf = new Map(stored.map(({ categoryId, price }) => [categoryId, price]))
  const before = Object.fromEntries(known.map(({ id, name }) => [name, priceOf.get(id) ?? null]))

  const categories = fromLayout === toLayout ? known : await readCategories(tx, toLayout)
  const follow = categories.flatMap(({ id, name }) => {
    const price = before[name]
    return price === undefined ? [] : [{ categoryId: id, price }]
  })
  const resolved = resolvePrices(categories, wanted ?? follow)
  const after = Object.fromEntries(categories.map(({ id, name }) => [name, resolved.get(id) ?? null]))
  if (fromLayout === toLayout && differences(before, after) === null) return null

  await tx.orm.delete(showtimePrices).where(eq(showtimePrices.showtimeId, showtimeId))
  const rows = [...resolved].flatMap(([categoryId, price]) =>
    price === null ? [] : [{ showtimeId, categoryId, price }],
  )
  if (rows.length > 0) await tx.orm.insert(showtimePrices).values(rows)
  return { before: { prices: before }, after: { prices: after } }
}
