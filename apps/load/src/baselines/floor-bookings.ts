import { hash, randomBytes } from 'node:crypto'
import { drawReference } from '@boxoffice/core/domain/booking-reference.ts'
import { newId } from '@boxoffice/core/runtime/new-id.ts'

const DAY_MS = 24 * 60 * 60 * 1_000

/** Places that one booking takes of a showtime or event that is on sale. */
export interface Place {
  readonly organizerId: string
  readonly resourceId: string
  /** `null` in an event. */
  readonly categoryId: string | null
  /** `null` in a showtime. */
  readonly ticketTypeId: string | null
  /** Labels; none in an event. */
  readonly seats: readonly string[]
  readonly price: number
}

/** A booking with all that its rows need, decided before it is written. */
export interface FloorBooking extends Place {
  readonly id: string
  readonly requestId: string
  readonly recordId: string
  readonly seq: number
  readonly reference: string
  readonly owner: string
  readonly idempotencyKey: string
  readonly bodyHash: Buffer
  readonly customerName: string
  readonly customerEmail: string
  readonly ownerKey: string
  readonly emailKey: string
  /** JSON. */
  readonly payload: string
  readonly subtotal: number
  readonly fee: number
  /** JSON of the audit row and the outgoing event. */
  readonly facts: string
  readonly items: readonly FloorItem[]
  readonly expiresAt: string
}

export interface FloorItem {
  readonly position: number
  readonly seat: string | null
  readonly quantity: number
}

/** Returns a maker of bookings of `perBooking` places each, by so many customers in turn. */
export function bookingMaker(perBooking: number, customers: number): (place: Place) => FloorBooking {
  const seqs = new Map<string, number>()
  const runId = newId()
  let made = 0
  return (place) => {
    const { resourceId, ticketTypeId, seats, price } = place
    const seq = (seqs.get(resourceId) ?? 0) + 1
    seqs.set(resourceId, seq)
    const customer = { name: 'Ada Lovelace', email: `buyer-${made % customers}@example.org` }
    const owner = `load-customer-${made % customers}`
    const reference = drawReference(randomBytes)
    const wanted = ticketTypeId === null ? { seats } : { tickets: [{ ticketTypeId, quantity: perBooking }] }
    const payload = JSON.stringify({ ...wanted, customer })
    const subtotal = price * perBooking
    const fee = Math.round(subtotal * 0.03)
    const total = subtotal + fee
    return {
      ...place,
      id: newId(),
      requestId: newId(),
      recordId: newId(),
      seq,
      reference,
      owner,
      idempotencyKey: `key:${runId}-${made++}`,
      bodyHash: hash('sha256', payload, 'buffer'),
      customerName: customer.name,
      customerEmail: customer.email,
      ownerKey: `o:${hash('sha256', owner)}`,
      emailKey: `e:${hash('sha256', customer.email)}`,
      payload,
      subtotal,
      fee,
      facts: JSON.stringify({ reference, resourceId, status: 'pending', currency: 'EUR', total }),
      items: itemsOf(seats, perBooking),
      expiresAt: new Date(Date.now() + DAY_MS).toISOString(),
    }
  }
}

function itemsOf(seats: readonly string[], perBooking: number): FloorItem[] {
  if (seats.length > 0) {
    return seats.map((seat, position) => ({ position, seat, quantity: 1 }))
  }
  return [{ position: 0, seat: null, quantity: perBooking }]
}
