import type { SeatFacts } from '@boxoffice/core/domain/house/house.ts'
import type { Situation } from './houses.ts'

// The rules of choosing seats once more, as plainly as they can be written: every choice is made, and the best one taken.

/** Seats of a choice, as indexes in the layout's order. */
type Choice = readonly number[]

/** A situation as the rules see it. */
export class Reference {
  readonly #seats: readonly SeatFacts[]
  readonly #focus: { readonly x: number; readonly y: number }
  readonly #free: ReadonlySet<number>

  constructor({ seats, focus, taken, categoryIds }: Situation) {
    this.#seats = seats
    this.#focus = focus ?? middleOfFrontRow(seats)
    const isFree = ({ label, categoryId, disabled }: SeatFacts) =>
      !disabled && !taken.includes(label) && categoryIds.has(categoryId)
    this.#free = new Set([...seats.keys()].filter((index) => isFree(at(seats, index))))
  }

  /** Returns the best choice of neighbours, or of groups. */
  bestSeats(quantity: number, together: boolean): readonly string[] | null {
    const window = this.#best(this.#windows(this.#free, quantity), this.#free)
    if (window !== undefined) return this.#labels(window)
    return together ? null : this.#bestGroups(quantity)
  }

  /** Returns every choice of so many neighbours. */
  choices(quantity: number): readonly (readonly string[])[] {
    return this.#windows(this.#free, quantity).map((choice) => this.#labels(choice))
  }

  /** Returns the seats that a choice leaves alone. */
  singlesOf(labels: readonly string[]): readonly string[] {
    const choice = labels.map((label) => this.#seats.findIndex((seat) => seat.label === label))
    return this.#labels(this.#singles(choice, this.#free))
  }

  #bestGroups(quantity: number): readonly string[] | null {
    if (this.#free.size < quantity) return null
    const free = new Set(this.#free)
    const chosen: number[] = []
    while (chosen.length < quantity) {
      let size = quantity - chosen.length
      while (this.#windows(free, size).length === 0) size -= 1
      for (const seat of this.#best(this.#windows(free, size), free) ?? []) {
        free.delete(seat)
        chosen.push(seat)
      }
    }
    return this.#labels(chosen.toSorted((a, b) => a - b))
  }

  #windows(free: ReadonlySet<number>, quantity: number): readonly Choice[] {
    return [...this.#seats.keys()]
      .map((start) => Array.from({ length: quantity }, (_, index) => start + index))
      .filter((choice) => choice.every((seat) => free.has(seat)))
      .filter((choice) => choice.slice(1).every((seat) => this.#areNeighbours(seat - 1, seat)))
  }

  /** Returns the choice that comes first: without single seats, then near, then early. */
  #best(choices: readonly Choice[], free: ReadonlySet<number>): Choice | undefined {
    const marks = choices.map((choice) => ({
      choice,
      leaves: this.#singles(choice, free).length > 0 ? 1 : 0,
      distance: choice.reduce((sum, seat) => sum + squareOf(at(this.#seats, seat), this.#focus), 0),
    }))
    const [first] = marks.toSorted((a, b) => a.leaves - b.leaves || a.distance - b.distance)
    return first?.choice
  }

  #singles(choice: Choice, free: ReadonlySet<number>): Choice {
    const left = new Set([...free].filter((seat) => !choice.includes(seat)))
    return [...left].filter((seat) => this.#isAlone(seat, left) && !this.#isAlone(seat, free))
  }

  #isAlone(seat: number, free: ReadonlySet<number>): boolean {
    const before = free.has(seat - 1) && this.#areNeighbours(seat - 1, seat)
    const after = free.has(seat + 1) && this.#areNeighbours(seat, seat + 1)
    return !before && !after
  }

  #areNeighbours(index: number, next: number): boolean {
    const [one, other] = [this.#seats[index], this.#seats[next]]
    if (one === undefined || other === undefined || one.row !== other.row || one.section !== other.section) return false
    let first = index
    while (first > 0 && isSameRow(at(this.#seats, first - 1), one)) first -= 1
    let last = next
    while (last + 1 < this.#seats.length && isSameRow(at(this.#seats, last + 1), one)) last += 1
    const row = this.#seats.slice(first, last + 1)
    const distances = row.slice(1).map((seat, position) => squareOf(seat, at(row, position)))
    const median = at(
      distances.toSorted((a, b) => a - b),
      Math.ceil(distances.length / 2) - 1,
    )
    return squareOf(one, other) <= 1.75 ** 2 * median
  }

  #labels(choice: Choice): readonly string[] {
    return choice.map((seat) => at(this.#seats, seat).label)
  }
}

/** Returns the point between the outermost seats of all rows that are nearest to the front by their mean. */
function middleOfFrontRow(seats: readonly SeatFacts[]): { readonly x: number; readonly y: number } {
  const rows: SeatFacts[][] = []
  for (const seat of seats) {
    const last = rows.at(-1)
    if (last !== undefined && isSameRow(at(last, 0), seat)) last.push(seat)
    else rows.push([seat])
  }
  const means = rows.map((row) => row.reduce((sum, { y }) => sum + y, 0) / row.length)
  const y = Math.min(...means)
  const xs = rows.filter((_, index) => means[index] === y).flatMap((row) => row.map(({ x }) => x))
  return { x: (Math.min(...xs) + Math.max(...xs)) / 2, y }
}

const isSameRow = (one: SeatFacts, other: SeatFacts) => one.row === other.row && one.section === other.section

const squareOf = (one: { x: number; y: number }, other: { x: number; y: number }) =>
  (one.x - other.x) ** 2 + (one.y - other.y) ** 2

function at<T>(list: readonly T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new RangeError(`nothing at ${index}`)
  return item
}
