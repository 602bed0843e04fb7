import { eq } from '../../db/drizzle.ts'
import type { RefusalCode } from '../../domain/refusals/refusal.ts'
import { bookingRequests } from '../../db/schema/index.ts'
import type { Transaction } from '../../db/transaction.ts'

export interface PlaceInLine {
  readonly resourceId: string
  readonly state: 'queued' | 'booked' | 'refused'
  readonly refusalCode: RefusalCode | null
}

/** Finds a request's line and state; `null` where there is no such request. Takes no lock. */
export async function findPlaceInLine(tx: Transaction, id: string): Promise<PlaceInLine | null> {
  const { resourceId, state, refusal } = bookingRequests
  const [found] = await tx.orm
    .select({ resourceId, state, refusal })
    .from(bookingRequests)
    .where(eq(bookingRequests.id, id))
  return found === undefined
    ? null
    : { resourceId: found.resourceId, state: found.state, refusalCode: found.refusal?.code ?? null }
}
