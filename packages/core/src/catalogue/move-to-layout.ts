import type { Transaction } from '../db/transaction.ts'
import { Problem } from '../use-case/problem.ts'
import { placeAreas } from './place-areas.ts'
import { findLostSeats } from './queries/find-lost-seats.ts'

const NAMED_SEATS = 100

/**
 * Moves a showtime or event to another version of its layout: what is held, sold or kept stays, and its areas follow. Needs the
 * lock of its state.
 *
 * @throws Problem `seats_sold`
 */
export async function moveToLayout(tx: Transaction, resourceId: string, layoutId: string): Promise<void> {
  const lost = await findLostSeats(tx.client, resourceId, layoutId)
  if (lost.length === 0) {
    await placeAreas(tx, resourceId, layoutId)
    return
  }
  const seats = lost.slice(0, NAMED_SEATS)
  const more = lost.length > NAMED_SEATS ? ` and ${lost.length - NAMED_SEATS} more` : ''
  const detail = `In this version of the layout there would be no seat ${seats.join(', ')}${more}, held or sold now.`
  throw new Problem('seats_sold', { detail, facts: { seats, count: lost.length } })
}
