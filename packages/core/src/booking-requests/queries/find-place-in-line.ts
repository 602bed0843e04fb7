import { eq } from '../../db/drizzle.ts'
import { bookingRequests } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'

export interface PlaceInLine {
  readonly resourceId: string
  readonly state: 'queued' | 'booked' | 'refused'
}

/** Finds a request's line and state; `null` where there is no such request. Takes no lock. */
export async function findPlaceInLine(tx: Transaction, id: string): Promise<PlaceInLine | null> {
  const { resourceId, state } = bookingRequests
  const [found] = await tx.orm.select({ resourceId, state }).from(bookingRequests).where(eq(bookingRequests.id, id))
  return found ?? null
}
