/**
 * Changing a showtime, putting it on sale and taking it off.
 *
 * Keeps: what was booked stays booked, at its price; a seat that is held or sold neither vanishes nor is disabled by
 * another version of the layout. I7.
 * Locks: the resource's state, as deciding does, so that a decision sees all of a change or nothing of it; then the layout
 * that it is moved to, FOR KEY SHARE.
 */
import { eq } from '../db/drizzle.ts'
import { showtimes } from '../db/schema/index.ts'
import type { Transaction } from '../db/transaction.ts'
import { type Changes, fieldsOf } from '../fields/field.ts'
import { SHOWTIME } from '../fields/showtime.ts'
import { notFound } from '../use-case/problem.ts'
import { finishChange, requireChangeable } from './change-resource.ts'
import { requireLayout } from './create-showtime.ts'
import { differences } from '../records/differences.ts'
import { moveToLayout } from './move-to-layout.ts'
import { lockResource, type ResourceChange } from './lock-resource.ts'
import { changePrices } from './category-prices.ts'

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
  if (layoutId !== current) await moveToLayout(tx, showtimeId, layoutId)
  const row = differences({ layoutId: current, ...fieldsOf(SHOWTIME, found) }, { ...input, layoutId })
  const { rates = resource.rates } = input
  const prices = await changePrices(tx, showtimeId, { from: current, to: layoutId, rates }, input.prices)
  if (row !== null) await tx.orm.update(showtimes).set(row.after).where(eq(showtimes.id, showtimeId))
  return finishChange(tx, input, resource, what, input, [row, prices])
}
