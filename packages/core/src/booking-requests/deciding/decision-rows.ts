import type { BookingRequest, Decision } from '../../domain/booking-request.ts'
import { isNews } from '../../domain/refusals/refusal-news.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type { CountRow, CustomerCountRow, DecisionRows, ItemRow } from '../queries/write-decisions.ts'
import { newId } from '../../runtime/new-id.ts'

/**
 * Returns the rows of a batch of decisions. `draw` makes a booking reference; one that is drawn twice within the batch
 * is drawn again, and one that exists already is refused by the unique index, upon which the caller tries again.
 */
export function decisionRows(
  decisions: ReadonlyMap<BookingRequest, Decision>,
  snapshot: Snapshot,
  draw: () => string,
): DecisionRows {
  const outcomes: DecisionRows['outcomes'][number][] = []
  const items: ItemRow[] = []
  const sold = new Map<string, number>()
  const redeemed = new Map<string, number>()
  const soldToCustomers = new CustomerCounts()
  const redeemedByCustomers = new CustomerCounts()
  const changedResources = new Set<string>()
  const drawUnique = uniqueDraw(draw)

  for (const [request, decision] of decisions) {
    const { resourceId } = request
    const resource = snapshot.resources.get(resourceId)
    if (decision.outcome === 'refused') {
      const { refusal } = decision
      const recordId = isNews(refusal, request, resource, changedResources.has(resourceId)) ? newId() : null
      outcomes.push({ id: request.id, recordId, confirmedRecordId: null, refusal, booking: null })
      continue
    }

    const bookingId = newId()
    const { status, currency, subtotal, discount, fee, total, promoCodeId, expiresAt } = decision
    outcomes.push({
      id: request.id,
      recordId: newId(),
      confirmedRecordId: status === 'confirmed' ? newId() : null,
      refusal: null,
      booking: {
        bookingId,
        reference: drawUnique(),
        status,
        paymentStatus: status === 'confirmed' ? 'completed' : 'pending',
        currency,
        subtotal,
        discount,
        fee,
        total,
        promoCodeId,
        expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      },
    })
    changedResources.add(resourceId)

    let firstTicket = 0
    for (const [position, priced] of decision.items.entries()) {
      const { ticketTypeId, quantity } = priced
      const ticketIds = status === 'confirmed' ? Array.from({ length: quantity }, newId) : []
      items.push({ bookingId, resourceId, position, ...priced, ticketIds, firstTicket })
      firstTicket += quantity
      if (ticketTypeId === null) continue
      sold.set(ticketTypeId, (sold.get(ticketTypeId) ?? 0) + quantity)
      if (resource?.kind === 'event' && resource.ticketTypes.get(ticketTypeId)?.maxPerCustomer != null) {
        soldToCustomers.add(ticketTypeId, request.customerKeys, quantity)
      }
    }
    if (promoCodeId !== null) {
      redeemed.set(promoCodeId, (redeemed.get(promoCodeId) ?? 0) + 1)
      if (isLimitedPerCustomer(snapshot, promoCodeId)) redeemedByCustomers.add(promoCodeId, request.customerKeys, 1)
    }
  }

  return {
    outcomes,
    items,
    sold: counts(sold),
    redeemed: counts(redeemed),
    soldToCustomers: soldToCustomers.rows(),
    redeemedByCustomers: redeemedByCustomers.rows(),
    changedResources: [...changedResources],
  }
}

/** Adds up quantities by (id, customer key): one statement may touch a counter only once. */
class CustomerCounts {
  readonly #counts = new Map<string, CustomerCountRow>()

  add(id: string, customerKeys: readonly string[], count: number): void {
    for (const key of new Set(customerKeys)) {
      const pair = `${id} ${key}`
      this.#counts.set(pair, { id, key, count: (this.#counts.get(pair)?.count ?? 0) + count })
    }
  }

  rows(): CustomerCountRow[] {
    return [...this.#counts.values()]
  }
}

function counts(byId: ReadonlyMap<string, number>): CountRow[] {
  return [...byId].map(([id, count]) => ({ id, count }))
}

function isLimitedPerCustomer(snapshot: Snapshot, promoCodeId: string): boolean {
  for (const promo of snapshot.promoCodes.values()) {
    if (promo.id === promoCodeId) return promo.maxPerCustomer !== null
  }
  return false
}

function uniqueDraw(draw: () => string): () => string {
  const drawn = new Set<string>()
  return () => {
    // With 8.5e11 references two of one batch hardly ever meet; a broken source must fail, not spin.
    for (let attempt = 0; attempt < 100; attempt++) {
      const reference = draw()
      if (drawn.has(reference)) continue
      drawn.add(reference)
      return reference
    }
    throw new Error('the source of booking references repeats itself')
  }
}
