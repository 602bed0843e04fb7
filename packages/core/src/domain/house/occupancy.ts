import type { House } from './house.ts'
import { WindowFinder, type WindowSearch } from './window-finder.ts'

/** Number of finders that an occupancy keeps, those that were used last. */
const KEPT_FINDERS = 16

/**
 * Seats of a house that are taken, and those that are free. It takes 3 bytes per seat and 8 per run, and each of the 16
 * finders that it keeps at most takes 12 per run.
 */
export class Occupancy {
  readonly #house: House
  readonly #taken: Uint8Array
  readonly #free: Uint16Array
  readonly #freeInRun: Int32Array
  readonly #changes: Int32Array
  #count: number
  /** The one that was used last comes first. */
  readonly #finders: WindowFinder[] = []

  /** Begins with the `taken` seats. Labels that the house does not have are ignored, here and below. */
  constructor(house: House, taken: Iterable<string>) {
    this.#house = house
    this.#taken = new Uint8Array(house.labels.length)
    this.#free = house.categories.slice()
    this.#freeInRun = house.seatsInRun.slice()
    this.#changes = new Int32Array(house.seatsInRun.length).fill(1)
    this.#count = house.seatsInRun.reduce((sum, seats) => sum + seats, 0)
    for (const label of taken) this.take(label)
  }

  /** Takes a seat; one that is taken stays so. */
  take(label: string): void {
    const seat = this.#house.indexByLabel.get(label)
    if (seat === undefined || this.#taken[seat] === 1) return
    this.#taken[seat] = 1
    this.#change(seat, this.#house.categoryIds.length, -1)
  }

  /** Releases a seat; one that is not taken stays so. */
  release(label: string): void {
    const seat = this.#house.indexByLabel.get(label)
    if (seat === undefined || this.#taken[seat] === 0) return
    this.#taken[seat] = 0
    this.#change(seat, this.#house.categories[seat] ?? 0, 1)
  }

  /** Returns whether a seat is taken. A disabled seat that nobody took is not, although it is not free either. */
  isTaken(label: string): boolean {
    const seat = this.#house.indexByLabel.get(label)
    return seat !== undefined && this.#taken[seat] === 1
  }

  /** Returns the number of free seats. */
  get free(): number {
    return this.#count
  }

  /** Returns what `FreeSeats.free` has for a seat: the index of its category if it is free. */
  categoryOfFree(seat: number): number {
    return this.#free[seat] ?? this.#house.categoryIds.length
  }

  /** Returns the finder for a search, one that was used before if it is still there. */
  finderFor(search: WindowSearch): WindowFinder {
    const at = this.#finders.findIndex((finder) => finder.isFor(search))
    const [kept] = at < 0 ? [] : this.#finders.splice(at, 1)
    const seats = { free: this.#free, freeInRun: this.#freeInRun, changes: this.#changes }
    const finder = kept ?? new WindowFinder(this.#house, seats, search)
    this.#finders.unshift(finder)
    this.#finders.length = Math.min(this.#finders.length, KEPT_FINDERS)
    return finder
  }

  /** Returns another occupancy with the same seats taken. */
  copy(): Occupancy {
    const copy = new Occupancy(this.#house, [])
    copy.#taken.set(this.#taken)
    copy.#free.set(this.#free)
    copy.#freeInRun.set(this.#freeInRun)
    copy.#count = this.#count
    return copy
  }

  /** Returns the most memory that it takes beside the house, in bytes. */
  get bytes(): number {
    return 1_000 + 3 * this.#taken.length + (8 + 12 * KEPT_FINDERS) * this.#freeInRun.length
  }

  #change(seat: number, category: number, difference: number): void {
    // A disabled seat is never free, taken or not.
    if (this.#house.categories[seat] === this.#house.categoryIds.length) return
    const run = this.#house.runOf[seat] ?? 0
    this.#free[seat] = category
    this.#freeInRun[run] = (this.#freeInRun[run] ?? 0) + difference
    this.#changes[run] = (this.#changes[run] ?? 0) + 1
    this.#count += difference
  }
}
