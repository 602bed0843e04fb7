/**
 * Lists each thing as often as its rank makes it wanted, for a uniform draw: by Zipf's law the second is wanted half as
 * much as the first, the third a third, and so on. The last is in the list at least once.
 */
export function byPopularity<T>(ranked: readonly T[]): T[] {
  return ranked.flatMap((thing, index) => Array.from({ length: Math.round(ranked.length / (index + 1)) }, () => thing))
}
