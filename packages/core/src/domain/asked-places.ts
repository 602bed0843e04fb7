import type { BookingRequest } from './booking-request.ts'
import { bestSeats } from './house/best-seats.ts'
import type { UndiscountedItem } from './money/pricing.ts'
import { priceAt } from './rate.ts'
import type { AreaSnapshot, ResourceSnapshot, SeatSnapshot } from './snapshot.ts'
import type { BestWish, WantedPlaces, WantedSeat, Wish } from './wish.ts'

/** The seats and areas of a wish, looked up in the house: what the rules for places ask about. */
export interface AskedPlaces {
  readonly resource: ResourceSnapshot
  readonly request: AskedRequest
  readonly wish: Wish
  /** Each seat once, in the order of the request; those that were chosen for it where it wants the best. */
  readonly seats: readonly AskedSeat[]
  /** The labels that are named more than once. */
  readonly repeated: readonly string[]
  /** Each area and rate once, in the order in which the request first names them. */
  readonly areas: readonly AskedArea[]
  /** `false` where the house has not enough of what the best of was wanted. */
  readonly foundBest: boolean
}

/** Parts of a request that the rules for places ask about. */
export type AskedRequest = Pick<BookingRequest, 'acceptedAt' | 'customerKeys' | 'seller' | 'blockId'>

/** A rate of the house, and what a place costs at it. */
interface AskedRate {
  /** Code, for what is stored; `null` where the house has no rates. */
  readonly rate: string | null
  /** `undefined` if the category is not sold, or not at this rate. */
  readonly unitPrice: number | undefined
}

export interface AskedSeat extends AskedRate {
  readonly label: string
  /** `undefined` if the house has no such seat. */
  readonly seat: SeatSnapshot | undefined
}

export interface AskedArea extends AskedRate {
  readonly label: string
  /** `undefined` if the house has no such area. */
  readonly area: AreaSnapshot | undefined
  /** NaN once one is no positive integer. */
  readonly quantity: number
}

/** Looks the seats and areas of a wish up, and chooses the best seats if it asks for those. */
export function askForPlaces(resource: ResourceSnapshot, request: AskedRequest, wish: Wish): AskedPlaces {
  const chosen = wish.best === null ? null : choose(resource, wish.best)
  const { once, repeated } = distinct(chosen?.seats ?? wish.seats)
  return {
    resource,
    request,
    wish,
    seats: once.map(({ label, rate }) => askForSeat(resource, label, rate)),
    repeated,
    areas: merged(chosen?.areas ?? wish.areas).map((wanted) => askForArea(resource, wanted)),
    foundBest: chosen?.found ?? true,
  }
}

function askForSeat(resource: ResourceSnapshot, label: string, rate: string | null): AskedSeat {
  const seat = resource.seats.get(label)
  return { label, seat, ...priceAt(resource, seat?.categoryId, rate) }
}

function askForArea(resource: ResourceSnapshot, { area: label, quantity, rate }: WantedPlaces): AskedArea {
  const area = resource.areas.get(label)
  return { label, area, quantity, ...priceAt(resource, area?.categoryId, rate) }
}

interface Chosen {
  readonly seats: readonly WantedSeat[]
  readonly areas: readonly WantedPlaces[]
  readonly found: boolean
}

/** Chooses the best seats of those that are sold, or as many places of an area. */
function choose(resource: ResourceSnapshot, { area, rates, ...best }: BestWish): Chosen {
  const rateOf = (index: number) => rates[index] ?? null
  if (area !== null) {
    const areas = Array.from({ length: best.quantity }, (_, index) => ({ area, quantity: 1, rate: rateOf(index) }))
    return { seats: [], areas, found: true }
  }
  const { seating } = resource
  const categoryIds = categoriesOf(resource, best.category)
  const soldCategoryIds = new Set(resource.prices.keys())
  const labels =
    seating === null || categoryIds.size === 0
      ? null
      : bestSeats(seating.house, seating.occupancy, { ...best, categoryIds, soldCategoryIds })
  if (labels === null) return { seats: [], areas: [], found: false }
  return { seats: labels.map((label, index) => ({ label, rate: rateOf(index) })), areas: [], found: true }
}

/** Returns the categories that are sold, or those of them that are called so, by name or by id. */
function categoriesOf({ prices }: ResourceSnapshot, wanted: string | null): ReadonlySet<string> {
  if (wanted === null) return new Set(prices.keys())
  return new Set([...prices].flatMap(([id, { name }]) => (id === wanted || name === wanted ? [id] : [])))
}

/** Up to this many, comparing each with each is quicker than making a set. */
const FEW = 8

/**
 * Returns the seats once each, and the labels that are repeated. Most requests name few seats, and none twice: these cost
 * no second list.
 */
function distinct(seats: readonly WantedSeat[]): { once: readonly WantedSeat[]; repeated: readonly string[] } {
  if (
    seats.length <= FEW &&
    seats.every(({ label }, index) => seats.findIndex((other) => other.label === label) === index)
  ) {
    return { once: seats, repeated: [] }
  }
  const once = new Map<string, WantedSeat>()
  const repeated = new Set<string>()
  for (const seat of seats) {
    if (once.has(seat.label)) repeated.add(seat.label)
    else once.set(seat.label, seat)
  }
  return { once: [...once.values()], repeated: [...repeated] }
}

/** Sums places by area and rate, in the order of first mention. */
function merged(areas: readonly WantedPlaces[]): readonly WantedPlaces[] {
  if (areas.length < 2) return areas.map((wanted) => ({ ...wanted, quantity: countable(wanted.quantity) }))
  const sums = new Map<string, WantedPlaces>()
  for (const { area, rate, quantity } of areas) {
    const key = JSON.stringify([area, rate])
    sums.set(key, { area, rate, quantity: (sums.get(key)?.quantity ?? 0) + countable(quantity) })
  }
  return [...sums.values()]
}

/** Returns the quantity, or NaN: a negative one must not make room for another item. */
function countable(quantity: number): number {
  return Number.isSafeInteger(quantity) && quantity > 0 ? quantity : Number.NaN
}

/** Returns the lines to price. Places that are not for sale are left out: the rules refuse them. */
export function linesOfPlaces({ resource, request, seats, areas }: AskedPlaces): readonly UndiscountedItem[] {
  const lines: UndiscountedItem[] = []
  const { blockId } = request
  for (const { label, seat, unitPrice, rate } of seats) {
    if (seat === undefined || unitPrice === undefined) continue
    const { categoryId } = seat
    const kept = blockId !== null && resource.blockOf.get(label) === blockId ? 1 : 0
    lines.push({ seat: label, area: null, categoryId, ticketTypeId: null, rate, quantity: 1, kept, unitPrice })
  }
  const keptIn = new Map(blockId === null ? [] : resource.blocks.get(blockId)?.areas)
  for (const { label, area, unitPrice, rate, quantity } of areas) {
    if (area === undefined || unitPrice === undefined) continue
    const { categoryId } = area
    // What the block keeps is taken first.
    const kept = Math.min(keptIn.get(label) ?? 0, quantity)
    keptIn.set(label, (keptIn.get(label) ?? 0) - kept)
    lines.push({ seat: null, area: label, categoryId, ticketTypeId: null, rate, quantity, kept, unitPrice })
  }
  return lines
}
