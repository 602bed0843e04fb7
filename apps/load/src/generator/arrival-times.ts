import type { ArrivalWindow, Arrivals } from './plan.ts'
import type { Random } from './random.ts'

/** Returns the intended times of arrivals: milliseconds from the start, ascending, all below `durationMs`. */
export function arrivalTimes(arrivals: Arrivals, durationMs: number, random: Random): Float64Array {
  switch (arrivals.shape) {
    case 'poisson':
      return poissonTimes(arrivals.perSecond / 1_000, windowOf(arrivals, durationMs), random)
    case 'steady':
      return steadyTimes(arrivals.perSecond / 1_000, windowOf(arrivals, durationMs))
    case 'rush':
      return rushTimes(arrivals.count, Math.min(arrivals.withinMs, durationMs), random)
    case 'closed':
      return new Float64Array()
  }
}

type Window = Required<ArrivalWindow>

const windowOf = ({ fromMs = 0, untilMs }: ArrivalWindow, durationMs: number): Window => ({
  fromMs,
  untilMs: Math.min(untilMs ?? durationMs, durationMs),
})

/** Draws times of arrival. The gaps between independent people are exponentially distributed. */
function poissonTimes(perMs: number, { fromMs, untilMs }: Window, random: Random): Float64Array {
  const times: number[] = []
  if (perMs <= 0) return Float64Array.from(times)
  for (let atMs = fromMs + gap(perMs, random); atMs < untilMs; atMs += gap(perMs, random)) times.push(atMs)
  return Float64Array.from(times)
}

const gap = (perMs: number, random: Random): number => -Math.log(1 - random()) / perMs

function steadyTimes(perMs: number, { fromMs, untilMs }: Window): Float64Array {
  // A little less, so that 0.1 × 3 does not make one too many.
  const count = Math.max(0, Math.ceil(perMs * (untilMs - fromMs) - 1e-9))
  return Float64Array.from({ length: count }, (_, index) => fromMs + index / perMs)
}

function rushTimes(count: number, withinMs: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => random() * withinMs).sort()
}
