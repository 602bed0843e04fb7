import type { Snapshot } from '../domain/snapshot.ts'
import type {
  BookingRow,
  CountRow,
  CustomerCountRow,
  DecisionRows,
  LineRow,
  OutcomeRow,
  TicketRow,
} from '../db/queries/write-decisions.ts'
import { type Decided, isBooked } from './decide-batch.ts'
import { newId } from './new-id.ts'

/**
 * The rows that a batch of decisions is written as. `draw` makes a booking reference; one that is drawn twice within
 * the batch is drawn again, and one that exists already is refused by the unique index, upon which the caller comes back.
 */
export function decisionRows(batch: readonly Decided[], snapshot: Snapshot, draw: () => string): DecisionRows {
  const outcomes: OutcomeRow[] = []
  const bookings: BookingRow[] = []
  const lines: LineRow[] = []
  const tickets: TicketRow[] = []
  const sold = new Map<string, number>()
  const redeemed = new Map<string, number>()
  const soldToCustomers = new CustomerCounts()
  const redeemedByCustomers = new CustomerCounts()
  const changedResources = new Set<string>()
  const drawUnique = uniqueDraw(draw)

  for (const decided of batch) {
    const { request } = decided
    const resource = snapshot.resources.get(request.resourceId)
    const organizerId = resource?.organizerId ?? null
    if (!isBooked(decided) || organizerId === null) {
      const refusal = decided.decision.outcome === 'refused' ? decided.decision.refusal : null
      outcomes.push({
        id: request.id,
        state: 'refused',
        bookingId: null,
        refusal,
        organizerId,
        actor: request.owner,
        auditId: newId(),
        outboxId: newId(),
        action: 'booking_request.refused',
        entity: 'booking_request',
        entityId: request.id,
        facts: { resourceId: request.resourceId, code: refusal?.code },
      })
      continue
    }

    const { decision } = decided
    const bookingId = newId()
    const reference = drawUnique()
    const paymentStatus = decision.status === 'confirmed' ? 'completed' : 'pending'
    changedResources.add(request.resourceId)
    outcomes.push({
      id: request.id,
      state: 'booked',
      bookingId,
      refusal: null,
      organizerId,
      actor: request.owner,
      auditId: newId(),
      outboxId: newId(),
      action: 'booking.created',
      entity: 'booking',
      entityId: bookingId,
      facts: {
        reference,
        resourceId: request.resourceId,
        status: decision.status,
        currency: decision.currency,
        total: decision.total,
      },
    })
    bookings.push({
      id: bookingId,
      reference,
      requestId: request.id,
      resourceId: request.resourceId,
      organizerId,
      owner: request.owner,
      customerName: request.customer.name,
      customerEmail: request.customer.email,
      customerPhone: request.customer.phone ?? null,
      customerKeys: request.customerKeys,
      status: decision.status,
      paymentStatus,
      currency: decision.currency,
      subtotal: decision.subtotal,
      discount: decision.discount,
      fee: decision.fee,
      total: decision.total,
      promoCodeId: decision.promoCodeId,
      expiresAt: decision.expiresAt === null ? null : new Date(decision.expiresAt).toISOString(),
    })

    let ordinal = 0
    for (const [line, { seat, categoryId, ticketTypeId, quantity, unitPrice, discount }] of decision.lines.entries()) {
      const { resourceId } = request
      lines.push({ bookingId, resourceId, line, seat, categoryId, ticketTypeId, quantity, unitPrice, discount })
      for (let admission = 0; admission < quantity; admission++) {
        tickets.push({ id: newId(), bookingId, resourceId, ordinal: ordinal++, seat, ticketTypeId })
      }
      if (ticketTypeId === null) continue
      sold.set(ticketTypeId, (sold.get(ticketTypeId) ?? 0) + quantity)
      if (resource?.kind === 'event' && resource.ticketTypes.get(ticketTypeId)?.maxPerCustomer != null) {
        soldToCustomers.add(ticketTypeId, request.customerKeys, quantity)
      }
    }
    if (decision.promoCodeId !== null) {
      redeemed.set(decision.promoCodeId, (redeemed.get(decision.promoCodeId) ?? 0) + 1)
      if (isLimitedPerCustomer(snapshot, decision.promoCodeId)) {
        redeemedByCustomers.add(decision.promoCodeId, request.customerKeys, 1)
      }
    }
  }

  return {
    outcomes,
    bookings,
    lines,
    tickets,
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
