import { categoryTable, type House } from './house.ts'
import type { Occupancy } from './occupancy.ts'
import type { WindowSearch } from './window-finder.ts'

/** Seats that somebody leaves to us to choose. */
export interface WantedSeats {
  readonly quantity: number
  /** Categories that may be used: those that have a price and match the wish. */
  readonly categoryIds: ReadonlySet<string>
  /** `true` if the seats must be neighbours. */
  readonly together: boolean
  /** `true` if single seats may be left wherever that is better for the buyer. Otherwise they are avoided. */
  readonly keepsSingles?: boolean | undefined
  /**
   * Categories that are sold here, if more than `categoryIds`: a free seat of these is company for its neighbour, and
   * stands alone itself without one. By default, seats of other categories count as if they were taken.
   */
  readonly soldCategoryIds?: ReadonlySet<string> | undefined
}

/**
 * Chooses the best free seats, or returns `null` if there are not enough. Labels are in the layout's order.
 *
 * Neighbours come first: a window is `quantity` neighbours in one run (`house.ts`), all free and of categories that may be
 * used. Windows that leave no single seat come before those that do; then the one whose seats' costs have the lower sum is
 * better; then the one that comes first in the layout's order. A window leaves a single seat if a free seat beside it
 * then has no free neighbour.
 *
 * If there is no window and they need not be together, groups are taken one by one, each as large as can be had: the
 * longest stretch of free neighbours, the best one of those that are equally long; the last group is the best window of as
 * many seats as are still missing, in the same order as above.
 *
 * Accessible seats are for those who ask for them by name: they are chosen only where there is no choice without any.
 *
 * @throws RangeError unless the quantity is a positive integer.
 */
export function bestSeats(house: House, occupancy: Occupancy, wanted: WantedSeats): readonly string[] | null {
  const { quantity, together, keepsSingles = false } = wanted
  if (!Number.isSafeInteger(quantity) || quantity < 1) throw new RangeError(`not a number of seats: ${quantity}`)
  if (occupancy.free < quantity) return null
  const sold = categoryTable(house, new Set([...wanted.categoryIds, ...(wanted.soldCategoryIds ?? [])]))
  const choose = (seats: 'all' | 'ordinary') => {
    const search = { quantity, usable: categoryTable(house, wanted.categoryIds, seats), sold, keepsSingles }
    const window = occupancy.finderFor(search).find()
    if (window !== null) return house.labels.slice(window.start, window.start + quantity)
    return together ? null : bestGroups(house, occupancy, search)
  }
  return choose('ordinary') ?? (house.accessible.includes(true) ? choose('all') : null)
}

/**
 * Returns the seats of several groups. Windows of one length are taken until there are no more, then the longest stretch
 * that is left is looked for. The lengths differ and sum up to `quantity` at most, so that 100 seats have at most 13.
 */
function bestGroups(house: House, occupancy: Occupancy, search: WindowSearch): readonly string[] | null {
  const left = occupancy.copy()
  const { total, longest } = measureStretches(house, left, search.usable)
  if (total < search.quantity) return null
  const chosen: number[] = []
  let length = longest
  while (chosen.length < search.quantity && length > 0) {
    const quantity = Math.min(length, search.quantity - chosen.length)
    const window = left.finderFor({ ...search, quantity }).find()
    if (window === null) {
      length = Math.min(length - 1, measureStretches(house, left, search.usable).longest)
      continue
    }
    for (let seat = window.start; seat < window.start + quantity; seat += 1) {
      left.take(house.labels[seat] ?? '')
      chosen.push(seat)
    }
  }
  return chosen.toSorted((a, b) => a - b).map((seat) => house.labels[seat] ?? '')
}

/** Counts the free seats that may be used, and those of the longest stretch of neighbours among them. */
function measureStretches(
  { runStarts, runOf }: House,
  occupancy: Occupancy,
  usable: Uint8Array,
): { readonly total: number; readonly longest: number } {
  let total = 0
  let longest = 0
  let length = 0
  for (let seat = 0; seat < runOf.length; seat += 1) {
    if (seat === runStarts[runOf[seat] ?? 0]) length = 0
    if (usable[occupancy.categoryOfFree(seat)] === 0) {
      length = 0
      continue
    }
    length += 1
    total += 1
    if (length > longest) longest = length
  }
  return { total, longest }
}
