import { arrivalTimes } from './arrival-times.ts'
import type { Stream } from './plan.ts'
import { derivedSeed, seededRandom } from './random.ts'

/** All arrivals of a run in the order in which they are intended. */
export interface Schedule {
  /** Milliseconds from the start, ascending. */
  readonly atMs: Float64Array
  /** Index of the stream that each belongs to. */
  readonly stream: Uint16Array
  /** The number of arrivals of each stream. */
  readonly intended: readonly number[]
}

/**
 * Makes the schedule of all streams. Each stream has numbers of its own, so that changing one leaves the others'
 * arrivals as they were.
 */
export function scheduleOf(streams: readonly Stream[], durationMs: number, seed: number): Schedule {
  const times = streams.map(({ arrivals }, index) =>
    arrivalTimes(arrivals, durationMs, seededRandom(derivedSeed(seed, index))),
  )
  const intended = times.map(({ length }) => length)
  const count = intended.reduce((sum, one) => sum + one, 0)
  const atMs = new Float64Array(count)
  const stream = new Uint16Array(count)
  const next = times.map(() => 0)
  for (let index = 0; index < count; index++) {
    const first = firstOf(times, next)
    atMs[index] = times[first]?.[next[first] ?? 0] ?? 0
    stream[index] = first
    next[first] = (next[first] ?? 0) + 1
  }
  return { atMs, stream, intended }
}

/** Finds the stream whose next arrival is the earliest. There are few streams. */
function firstOf(times: readonly Float64Array[], next: readonly number[]): number {
  let [first, earliestMs] = [0, Number.POSITIVE_INFINITY]
  for (const [index, own] of times.entries()) {
    const atMs = own[next[index] ?? 0]
    if (atMs !== undefined && atMs < earliestMs) [first, earliestMs] = [index, atMs]
  }
  return first
}
