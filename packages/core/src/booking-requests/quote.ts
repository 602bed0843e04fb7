import type pg from 'pg'
import { readSnapshot } from '../inventory/queries/read-snapshot.ts'
import type { PricedLine, Selection } from '../domain/booking-request.ts'
import { decide } from '../domain/decide.ts'
import type { Refusal } from '../domain/refusal.ts'
import { newId } from '../runtime/new-id.ts'
import { notFound } from '../use-case/problem.ts'

/**
 * What a booking request would be answered at this moment: the decision itself, on a snapshot read without locks.
 * Nothing is stored or held, so the booking may still end otherwise; `expectedTotal` guards a buyer against that.
 */

export interface QuoteRequest {
  readonly resourceId: string
  readonly selection: Selection
  readonly promoCode: string | null
  readonly expectedTotal: number | null
  readonly customerKeys: readonly string[]
}

/** Amounts are integer minor units of `currency`. */
export type Quote =
  | {
      readonly bookable: true
      readonly currency: string
      readonly lines: readonly PricedLine[]
      readonly subtotal: number
      readonly discount: number
      readonly fee: number
      readonly total: number
      readonly refusal: null
    }
  | {
      readonly bookable: false
      readonly currency: null
      readonly lines: readonly never[]
      readonly subtotal: null
      readonly discount: null
      readonly fee: null
      readonly total: null
      readonly refusal: Refusal
    }

/** Throws Problem `not_found` where there is no such showtime or event. */
export async function quote(pool: pg.Pool, request: QuoteRequest): Promise<Quote> {
  const undated = { ...request, id: newId(), acceptedAt: 0 }
  const { snapshot, now } = await readSnapshot(pool, [undated])
  const decision = decide(snapshot, { ...undated, acceptedAt: now }, now)
  if (decision.outcome === 'booked') {
    const { currency, lines, subtotal, discount, fee, total } = decision
    return { bookable: true, currency, lines, subtotal, discount, fee, total, refusal: null }
  }
  const { refusal } = decision
  if (refusal.code === 'resource_not_found') throw notFound(request.selection.kind)
  return {
    bookable: false,
    currency: null,
    lines: [],
    subtotal: null,
    discount: null,
    fee: null,
    total: null,
    refusal,
  }
}
