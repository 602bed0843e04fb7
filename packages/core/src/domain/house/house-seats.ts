import type { SeatSnapshot, SeatsByLabel } from '../snapshot.ts'
import type { House } from './house.ts'

const DISABLED: SeatSnapshot = { categoryId: '', disabled: true }

/** Seats of a house by label, as decisions look them up; those of one category share one object. */
export class HouseSeats implements SeatsByLabel {
  readonly #house: House
  readonly #kinds: readonly SeatSnapshot[]

  constructor(house: House) {
    this.#house = house
    this.#kinds = house.categoryIds.map((categoryId) => ({ categoryId, disabled: false }))
  }

  /** Returns the seat; one that is never sold has no category. */
  get(label: string): SeatSnapshot | undefined {
    const index = this.#house.indexByLabel.get(label)
    if (index === undefined) return undefined
    return this.#kinds[this.#house.categories[index] ?? -1] ?? DISABLED
  }
}
