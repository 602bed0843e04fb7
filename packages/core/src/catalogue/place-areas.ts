/**
 * Areas of a showtime, or of an event with a house: counted in rows of its own, which follow the layout.
 *
 * Keeps: I1; what is held, sold or kept of an area stays within its capacity.
 * Locks: none. The caller holds the resource's state, or makes the resource in this transaction, and holds the layout FOR KEY
 * SHARE.
 */
import { findLostAreas, type LostArea, writeAreas } from './queries/place-areas.ts'
import type { Transaction } from '../db/transaction.ts'
import { Problem } from '../use-case/problem.ts'

const NAMED_AREAS = 20

/**
 * Gives a showtime or event the areas of its layout, when it is made and when it moves to another layout: new ones are added,
 * capacities change, those that are gone are removed.
 *
 * @throws Problem `seats_sold` if an area would be gone, or too small, of which places are held, sold or kept
 */
export async function placeAreas(tx: Transaction, resourceId: string, layoutId: string): Promise<void> {
  const lost = await findLostAreas(tx.client, resourceId, layoutId)
  if (lost.length > 0) throw areasSold(lost)
  await writeAreas(tx.client, resourceId, layoutId)
}

function areasSold(lost: readonly LostArea[]): Problem {
  const named = lost.slice(0, NAMED_AREAS)
  const parts = named.map(({ label, used, capacity }) => `${label} (${used} in use, ${capacity ?? 0} there)`)
  const more = lost.length > NAMED_AREAS ? ` and ${lost.length - NAMED_AREAS} more` : ''
  const detail = `This version of the layout has too few places in ${parts.join(', ')}${more}.`
  return new Problem('seats_sold', {
    detail,
    facts: { seats: [], areas: named.map(({ label }) => label), count: lost.length },
  })
}
