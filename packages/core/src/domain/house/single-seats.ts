import { categoryTable, type House } from './house.ts'
import type { Occupancy } from './occupancy.ts'

/**
 * Returns the free seats that would stand alone if `labels` were taken, and do not stand alone before; in the layout's
 * order. A free seat stands alone if neither neighbour in its run (`house.ts`) is free.
 *
 * @param categoryIds the categories that are sold: seats of others count as if they were taken. Labels that the house does
 *   not have are ignored.
 */
export function singleSeatsLeft(
  house: House,
  occupancy: Occupancy,
  labels: readonly string[],
  categoryIds: ReadonlySet<string>,
): readonly string[] {
  const sold = categoryTable(house, categoryIds)
  const chosen = seatsOf(house, labels)
  const isFree = (seat: number) => sold[occupancy.categoryOfFree(seat)] === 1
  const isLeft = (seat: number) => isFree(seat) && !chosen.has(seat)
  const singles = new Set<number>()
  for (const seat of chosen) {
    for (const beside of neighboursOf(house, seat)) {
      if (!isLeft(beside)) continue
      const company = neighboursOf(house, beside)
      if (company.some(isFree) && !company.some(isLeft)) singles.add(beside)
    }
  }
  return [...singles].toSorted((a, b) => a - b).map((seat) => house.labels[seat] ?? '')
}

/**
 * Returns the same as `singleSeatsLeft`, or nothing if that cannot be helped: the house has no other choice of as many
 * neighbours that would leave no single seat, in the categories that the seats of `labels` have.
 */
export function leavesSingleNeedlessly(
  house: House,
  occupancy: Occupancy,
  labels: readonly string[],
  categoryIds: ReadonlySet<string>,
): readonly string[] {
  const singles = singleSeatsLeft(house, occupancy, labels, categoryIds)
  if (singles.length === 0) return singles
  const sold = categoryTable(house, categoryIds)
  const chosen = seatsOf(house, labels)
  const usable = new Uint8Array(sold.length)
  for (const seat of chosen) {
    const category = house.categories[seat] ?? 0
    usable[category] = sold[category] ?? 0
  }
  const other = occupancy.finderFor({ quantity: chosen.size, usable, sold, keepsSingles: false }).find()
  return other === null || other.leavesSingle ? [] : singles
}

/** Returns the seats that the house has. */
function seatsOf(house: House, labels: readonly string[]): ReadonlySet<number> {
  const seats = labels.map((label) => house.indexByLabel.get(label))
  return new Set(seats.filter((seat) => seat !== undefined))
}

/** Returns the seats beside a seat in its run, one or two of them, or none. */
function neighboursOf({ runOf }: House, seat: number): readonly number[] {
  return [seat - 1, seat + 1].filter((other) => runOf[other] !== undefined && runOf[other] === runOf[seat])
}
