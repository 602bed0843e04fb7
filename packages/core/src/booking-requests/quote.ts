import type pg from 'pg'
import { readSnapshot, type SnapshotOptions } from '../inventory/queries/read-snapshot.ts'
import type { BookingRequest, PricedItem } from '../domain/booking-request.ts'
import { decide } from '../domain/decide.ts'
import type { Refusal } from '../domain/refusals/refusal.ts'
import { newId } from '../runtime/new-id.ts'
import { notFound } from '../use-case/problem.ts'

/**
 * Quotes a booking request: the decision itself, on a snapshot read without locks. Nothing is stored or held, so the
 * booking may still end otherwise; `expectedTotal` protects a buyer against that.
 */

/** Amounts are integer minor units of `currency`. */
export type Quote =
  | {
      readonly bookable: true
      readonly currency: string
      /** Wish that would be booked, counted from 0, if there are several. */
      readonly wish?: number
      readonly lines: readonly Omit<PricedItem, 'kept'>[]
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

export interface QuoteRequest extends Omit<BookingRequest, 'id' | 'seq' | 'acceptedAt' | 'holdUntil'> {
  readonly kind: 'showtime' | 'event'
}

/** Returns the quote. Throws Problem `not_found` if there is no such showtime or event. */
export async function quote(
  pool: pg.Pool,
  { kind, ...request }: QuoteRequest,
  options: SnapshotOptions,
): Promise<Quote> {
  const undated = { ...request, id: newId(), seq: 0, acceptedAt: 0, holdUntil: null }
  const { snapshot, now } = await readSnapshot(pool, [undated], options)
  if (snapshot.resources.get(request.resourceId)?.kind !== kind) throw notFound(kind)
  const decision = decide(snapshot, { ...undated, acceptedAt: now }, now)
  if (decision.outcome === 'booked') {
    const { currency, wish, items, subtotal, discount, fee, total } = decision
    const lines = items.map(({ kept: _, ...line }) => line)
    return {
      bookable: true,
      currency,
      ...(wish !== null && { wish }),
      lines,
      subtotal,
      discount,
      fee,
      total,
      refusal: null,
    }
  }
  const { refusal } = decision
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
