/** Less is nothing in any unit here, and too little to divide by. */
const SMALLEST = 1e-9

/**
 * Values from 0 up to the first that is not below `max`, in steps of 1, 2 or 5 times a power of ten, at most `most` steps.
 * `whole` keeps fractions out. Where there is nothing to show, the axis goes to 1.
 */
export function axisTicks(max: number, most: number, whole = false): readonly number[] {
  if (!Number.isFinite(max) || max < SMALLEST) return [0, 1]
  const step = niceStep(max / Math.max(1, most), whole)
  // A little less, so that a maximum that is a multiple of the step gets no step of its own from rounding.
  const steps = Math.max(1, Math.ceil(max / step - 1e-9))
  return Array.from({ length: steps + 1 }, (_, index) => tidy(index * step))
}

function niceStep(atLeast: number, whole: boolean): number {
  const magnitude = 10 ** Math.floor(Math.log10(atLeast))
  const factor = [1, 2, 5].find((candidate) => candidate * magnitude >= atLeast * (1 - 1e-9)) ?? 10
  const step = tidy(factor * magnitude)
  return whole ? Math.max(1, step) : step
}

/** Removes the dust of binary fractions: 0.3 instead of 0.30000000000000004. */
const tidy = (value: number): number => Number(value.toPrecision(12))

/** Maps `0..max` onto `from..to`. A `max` of 0 puts everything at `from`. */
export function linearScale(max: number, from: number, to: number): (value: number) => number {
  return (value) => (max > 0 ? from + (value / max) * (to - from) : from)
}

/**
 * Returns the place of a percentile on an axis on which each further nine is as far as the one before: 0 is 0, 90 is 1,
 * 99 is 2, as HdrHistogram plots it. 100 is infinitely far.
 */
export const nines = (percentile: number): number => Math.log10(100 / (100 - percentile))
