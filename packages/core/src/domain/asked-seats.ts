import type { UndiscountedItem } from './money/pricing.ts'
import type { SeatSnapshot, ShowtimeSnapshot } from './snapshot.ts'

/** A request for seats, looked up in the house: what the rules for seats ask about. */
export interface AskedSeats {
  readonly showtime: ShowtimeSnapshot
  /** Each seat once, in the order of the request. */
  readonly seats: readonly AskedSeat[]
  /** The labels that are named more than once. */
  readonly repeated: readonly string[]
}

export interface AskedSeat {
  readonly label: string
  /** `undefined` if the house has no such seat. */
  readonly seat: SeatSnapshot | undefined
  /** `undefined` if the seat has no price at this showtime. */
  readonly unitPrice: number | undefined
}

/** Looks the seats of a request up. */
export function askForSeats(showtime: ShowtimeSnapshot, labels: readonly string[]): AskedSeats {
  const { once, repeated } = distinct(labels)
  const seats = once.map((label) => {
    const seat = showtime.seats.get(label)
    return { label, seat, unitPrice: seat === undefined ? undefined : showtime.prices.get(seat.categoryId) }
  })
  return { showtime, seats, repeated }
}

/** Up to this many, comparing each with each is quicker than making a set. */
const FEW = 8

/**
 * Returns the labels once each, and those that are repeated. Most requests name few seats, and none twice: these cost
 * no second list.
 */
function distinct(labels: readonly string[]): { once: readonly string[]; repeated: readonly string[] } {
  if (labels.length <= FEW && labels.every((label, index) => labels.indexOf(label) === index)) {
    return { once: labels, repeated: [] }
  }
  const once = new Set(labels)
  const unseen = new Set(once)
  const repeated = new Set(labels.filter((label) => !unseen.delete(label)))
  return { once: [...once], repeated: [...repeated] }
}

/** Returns the lines to price. Seats that are not for sale are left out: the rules refuse them. */
export function linesOfSeats({ seats }: AskedSeats): readonly UndiscountedItem[] {
  const lines: UndiscountedItem[] = []
  for (const { label, seat, unitPrice } of seats) {
    if (seat === undefined || unitPrice === undefined) continue
    lines.push({ seat: label, categoryId: seat.categoryId, ticketTypeId: null, quantity: 1, unitPrice })
  }
  return lines
}
