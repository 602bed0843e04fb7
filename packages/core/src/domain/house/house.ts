/** A seat as its layout has it. */
export interface SeatFacts {
  readonly label: string
  /** `null` where the house has no sections. */
  readonly section: string | null
  readonly row: string
  /** Positions are in any unit, as long as the house uses one. */
  readonly x: number
  readonly y: number
  readonly categoryId: string
  /** Never sold. */
  readonly disabled: boolean
  /** A wheelchair space or the like, which somebody may need: chosen for others only when nothing else is left. */
  readonly accessible?: boolean
}

/** Point of a house. */
export interface Point {
  readonly x: number
  readonly y: number
}

/**
 * Seats of a house in a compact form, for choosing among them. Only this folder looks inside, and nobody changes it. A
 * seat is known by its index in the layout's order.
 *
 * A *run* is a stretch of seats in which each is the neighbour of the next. Neighbours are consecutive in the layout's
 * order, in one section and row, without a gap. A gap (an aisle, a pillar) is a distance of more than 1.75 times the
 * row's usual distance, which is the median of those between its consecutive seats (the lower one of two). Disabled
 * seats are in runs, because they stand there, and are never free.
 *
 * The *cost* of a seat is its squared distance to the house's focus: the lower, the better. `costs` explains its form.
 */
export interface House {
  readonly labels: readonly string[]
  readonly indexByLabel: ReadonlyMap<string, number>
  /** Categories in the order of their first seats; one that has accessible seats and others is listed once for each. */
  readonly categoryIds: readonly string[]
  /** `true` for each of these whose seats are the accessible ones. */
  readonly accessible: readonly boolean[]
  /** Index of each seat's category; `categoryIds.length` if the seat is disabled. */
  readonly categories: Uint16Array
  /** First seat of each run, and the number of seats after the last run: run `i` ends before `runStarts[i + 1]`. */
  readonly runStarts: Int32Array
  /** Run of each seat. */
  readonly runOf: Int32Array
  /** Number of the seats of each run that are not disabled. */
  readonly seatsInRun: Int32Array
  /** Sum of the costs of all seats before each seat, and of all seats at the end: a stretch costs the difference of two. */
  readonly costsBefore: Float64Array
  /** Cost of the best seat of each run. */
  readonly runCosts: Float64Array
  /** Runs from the one with the best seat to the one with the worst; those that are equal are in the layout's order. */
  readonly runsByCost: Int32Array
}

/** Seats from `start` to `end`, without `end`. */
interface Stretch {
  readonly start: number
  readonly end: number
}

/** Square of 1.75, as distances are compared by their squares. */
const GAP_SQUARED = 3.0625

/** The highest cost of a seat: those of a house of 200,000 seats, the largest there is, still sum up exactly. */
const HIGHEST_COST = 2 ** 35

/**
 * Makes the compact form of a house.
 *
 * @param seats in the layout's order: row by row, and from neighbour to neighbour within a row
 * @param focus the point that the best seats are nearest to; if `null`, the middle of the front row, which is the row
 *   with the smallest mean `y`. Rows with the same mean, such as those of sections side by side, count as one.
 */
export function buildHouse(seats: readonly SeatFacts[], focus: Point | null): House {
  const rows = rowsOf(seats)
  const runStarts = startsOfRuns(seats, rows)
  const seatCosts = costs(seats, focus ?? middleOfFrontRow(seats, rows))
  const costsBefore = new Float64Array(seats.length + 1)
  for (const [index, cost] of seatCosts.entries()) costsBefore[index + 1] = (costsBefore[index] ?? 0) + cost

  const runCosts = new Float64Array(runStarts.length - 1)
  const seatsInRun = new Int32Array(runStarts.length - 1)
  const runOf = new Int32Array(seats.length)
  for (let run = 0; run < runCosts.length; run += 1) {
    const start = runStarts[run] ?? 0
    const end = runStarts[run + 1] ?? 0
    runCosts[run] = seatCosts.subarray(start, end).reduce((least, cost) => Math.min(least, cost))
    runOf.fill(run, start, end)
    seatsInRun[run] = seats.slice(start, end).filter(({ disabled }) => !disabled).length
  }
  const runsByCost = Int32Array.from(runCosts.keys())
  runsByCost.sort((a, b) => (runCosts[a] ?? 0) - (runCosts[b] ?? 0) || a - b)

  const labels = seats.map(({ label }) => label)
  const indexByLabel = new Map(labels.map((label, index) => [label, index]))
  const runs = { runStarts, runOf, seatsInRun, runCosts, runsByCost }
  return { labels, indexByLabel, ...categoriesOf(seats), ...runs, costsBefore }
}

/**
 * Estimates the memory that a house takes, in bytes. Labels are counted as if nothing else held them: a header of 16
 * bytes and their text, with two places in a list and a hash table.
 */
export function houseBytes(house: House): number {
  const { categories, costsBefore, runStarts, runOf, seatsInRun, runCosts, runsByCost } = house
  const arrays = [categories, costsBefore, runStarts, runOf, seatsInRun, runCosts, runsByCost]
  const ofArrays = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const ofLabels = house.labels.reduce((sum, label) => sum + 72 + 2 * label.length, 0)
  return ofArrays + ofLabels + 100 * house.categoryIds.length + 1_000
}

/**
 * Returns a table with a 1 for each category that is one of `ids`; the place behind the last one is for disabled seats.
 *
 * @param seats `ordinary` leaves accessible seats out
 */
export function categoryTable(
  { categoryIds, accessible }: House,
  ids: ReadonlySet<string>,
  seats: 'all' | 'ordinary' = 'all',
): Uint8Array {
  const table = new Uint8Array(categoryIds.length + 1)
  for (const [index, id] of categoryIds.entries()) {
    table[index] = ids.has(id) && (seats === 'all' || accessible[index] === false) ? 1 : 0
  }
  return table
}

/** Returns the rows: stretches of seats with the same section and row. */
function rowsOf(seats: readonly SeatFacts[]): readonly Stretch[] {
  const rows: Stretch[] = []
  let start = 0
  for (const [index, seat] of seats.entries()) {
    const next = seats[index + 1]
    if (next?.row === seat.row && next.section === seat.section) continue
    rows.push({ start, end: index + 1 })
    start = index + 1
  }
  return rows
}

/** Returns the first seat of each run, then the number of seats. */
function startsOfRuns(seats: readonly SeatFacts[], rows: readonly Stretch[]): Int32Array {
  const starts: number[] = []
  for (const { start, end } of rows) {
    starts.push(start)
    const distances = new Float64Array(end - start - 1)
    for (let index = 0; index < distances.length; index += 1) {
      distances[index] = squaredDistance(seats[start + index], seats[start + index + 1])
    }
    const median = distances.toSorted()[(distances.length - 1) >> 1] ?? 0
    for (const [index, distance] of distances.entries()) {
      if (distance > GAP_SQUARED * median) starts.push(start + index + 1)
    }
  }
  return Int32Array.from([...starts, seats.length])
}

/**
 * Returns the cost of each seat: by how much its squared distance to the focus is more than the least one in the house,
 * times a power of two, rounded.
 *
 * Costs are integers so that sums of them are exact: choices that are equally good have equal costs, in whichever order
 * they are summed up. They are the same on every machine, because they come from additions and products alone, which
 * IEEE 754 defines to the last bit; a root does not. A power of two keeps what is exact, exact: seats whose positions are
 * integers are compared by their true squared distances.
 */
function costs(seats: readonly SeatFacts[], focus: Point): Float64Array {
  const distances = Float64Array.from(seats, (seat) => squaredDistance(seat, focus))
  const least = distances.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const range = distances.reduce((a, b) => Math.max(a, b), least) - least
  const scale = scaleOf(range)
  return distances.map((distance) => Math.round((distance - least) * scale))
}

/** Returns the largest power of two, up to 2^35, by which `range` stays a cost. */
function scaleOf(range: number): number {
  let scale = HIGHEST_COST
  while (range * scale > HIGHEST_COST) scale /= 2
  return scale
}

function middleOfFrontRow(seats: readonly SeatFacts[], rows: readonly Stretch[]): Point {
  let front = { y: Number.POSITIVE_INFINITY, left: 0, right: 0 }
  for (const { start, end } of rows) {
    const row = seats.slice(start, end)
    const y = row.reduce((sum, seat) => sum + seat.y, 0) / row.length
    if (y > front.y) continue
    const left = row.reduce((least, { x }) => Math.min(least, x), Number.POSITIVE_INFINITY)
    const right = row.reduce((most, { x }) => Math.max(most, x), Number.NEGATIVE_INFINITY)
    const isLevel = y === front.y
    front = {
      y,
      left: isLevel ? Math.min(left, front.left) : left,
      right: isLevel ? Math.max(right, front.right) : right,
    }
  }
  return { x: (front.left + front.right) / 2, y: front.y }
}

function categoriesOf(seats: readonly SeatFacts[]): Pick<House, 'categoryIds' | 'accessible' | 'categories'> {
  const keyOf = ({ categoryId, accessible = false }: SeatFacts) => `${accessible ? 'a' : 'o'}${categoryId}`
  const keys = [...new Set(seats.map(keyOf))]
  const indexByKey = new Map(keys.map((key, index) => [key, index]))
  const disabled = keys.length
  const indexes = seats.map((seat) => (seat.disabled ? disabled : (indexByKey.get(keyOf(seat)) ?? disabled)))
  return {
    categoryIds: keys.map((key) => key.slice(1)),
    accessible: keys.map((key) => key.startsWith('a')),
    categories: Uint16Array.from(indexes),
  }
}

function squaredDistance(a: Point | undefined, b: Point | undefined): number {
  const x = (a?.x ?? 0) - (b?.x ?? 0)
  const y = (a?.y ?? 0) - (b?.y ?? 0)
  return x * x + y * y
}
