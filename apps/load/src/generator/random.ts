/** The next number, from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number

/**
 * Makes a Mulberry32: a generator of 32 bits of state that passes the tests that matter to a crowd, and gives the same
 * numbers for the same seed on every machine.
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Derives a seed for the nth of several independent generators. Neighbouring seeds of the same generator would give
 * each other's numbers, one later.
 */
export function derivedSeed(seed: number, n: number): number {
  let mixed = Math.imul((seed ^ Math.imul(n + 1, 0x9e3779b1)) >>> 0, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Draws a whole number from 0 to `count - 1`. */
export const numberBelow = (random: Random, count: number): number => Math.floor(random() * count)

/** Draws one of a list. Throws a `RangeError` if there is none. */
export function pick<T>(random: Random, from: readonly T[]): T {
  const picked = from[numberBelow(random, from.length)]
  if (picked === undefined) throw new RangeError('there is nothing to pick from')
  return picked
}
