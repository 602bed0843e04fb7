import type { BookingRequest, Decision } from '../../domain/booking-request.ts'
import { isNews } from '../../domain/refusals/refusal-news.ts'
import type { Snapshot } from '../../domain/snapshot.ts'
import type {
  AreaCountRow,
  CountRow,
  CustomerCountRow,
  DecisionRows,
  ItemRow,
  PromoCountRow,
} from '../queries/write-decisions.ts'
import { newId } from '../../runtime/new-id.ts'

/**
 * Returns the rows of a batch of decisions. `draw` makes a booking reference; one that is drawn twice within the batch
 * is drawn again, and one that exists already is refused by the unique index, upon which the caller tries again.
 *
 * @param now ms since the epoch.
 */
export function decisionRows(
  decisions: ReadonlyMap<BookingRequest, Decision>,
  snapshot: Snapshot,
  draw: () => string,
  now: number,
): DecisionRows {
  const outcomes: DecisionRows['outcomes'][number][] = []
  const items: ItemRow[] = []
  const sold = new Map<string, number>()
  const soldInAreas = new AreaCounts()
  const redeemed = new Map<string, PromoCountRow>()
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
      outcomes.push({ id: request.id, recordId, confirmedRecordId: null, refusal, wish: null, booking: null })
      continue
    }

    const bookingId = newId()
    const { status, currency, subtotal, discount, fee, total, wish, promoCodeId, promoTickets, expiresAt } = decision
    outcomes.push({
      id: request.id,
      recordId: newId(),
      confirmedRecordId: status === 'confirmed' ? newId() : null,
      refusal: null,
      wish,
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
        promoTickets,
        remindAt: remindAt(request, expiresAt, now),
        expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      },
    })
    changedResources.add(resourceId)

    let firstTicket = 0
    for (const [position, priced] of decision.items.entries()) {
      const { area, ticketTypeId, quantity, kept } = priced
      const ticketIds = status === 'confirmed' ? Array.from({ length: quantity }, newId) : []
      const blockId = kept > 0 ? request.blockId : null
      items.push({ bookingId, resourceId, position, ...priced, blockId, ticketIds, firstTicket })
      firstTicket += quantity
      if (area !== null) soldInAreas.add(resourceId, area, quantity, blockId, kept)
      if (ticketTypeId === null) continue
      sold.set(ticketTypeId, (sold.get(ticketTypeId) ?? 0) + quantity)
      if (resource?.ticketTypes.get(ticketTypeId)?.maxPerCustomer != null) {
        soldToCustomers.add(ticketTypeId, request.customerKeys, quantity)
      }
    }
    if (promoCodeId !== null) {
      const { count, tickets } = redeemed.get(promoCodeId) ?? { count: 0, tickets: 0 }
      redeemed.set(promoCodeId, { id: promoCodeId, count: count + 1, tickets: tickets + promoTickets })
      if (isLimitedPerCustomer(snapshot, promoCodeId)) redeemedByCustomers.add(promoCodeId, request.customerKeys, 1)
    }
  }

  return {
    outcomes,
    items,
    sold: counts(sold),
    soldInAreas: soldInAreas.rows(),
    redeemed: [...redeemed.values()],
    soldToCustomers: soldToCustomers.rows(),
    redeemedByCustomers: redeemedByCustomers.rows(),
    changedResources: [...changedResources],
  }
}

/** Mail that reminds of the end of a hold is due so long before it, if the hold is at least twice as long. */
const REMIND_BEFORE_MS = 86_400_000

/** Returns the time of the first reminder (RFC 3339) of a hold for which staff have set an end; `null` where there is none. */
function remindAt(
  { holdUntil }: Pick<BookingRequest, 'holdUntil'>,
  expiresAt: number | null,
  now: number,
): string | null {
  if (holdUntil === null || expiresAt === null || expiresAt - now < 2 * REMIND_BEFORE_MS) return null
  return new Date(expiresAt - REMIND_BEFORE_MS).toISOString()
}

/** Adds up places by area, and what of them came from which block: one statement may touch a counter only once. */
class AreaCounts {
  readonly #counts = new Map<string, AreaCountRow>()

  add(resourceId: string, area: string, quantity: number, blockId: string | null, kept: number): void {
    const key = `${resourceId} ${area}`
    const known = this.#counts.get(key) ?? { resourceId, area, quantity: 0, kept: 0, blocks: {} }
    const blocks = blockId === null ? known.blocks : { ...known.blocks, [blockId]: (known.blocks[blockId] ?? 0) + kept }
    this.#counts.set(key, { ...known, quantity: known.quantity + quantity, kept: known.kept + kept, blocks })
  }

  rows(): AreaCountRow[] {
    return [...this.#counts.values()]
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
