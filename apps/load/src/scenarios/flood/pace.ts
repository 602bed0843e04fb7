import type { Hall } from '../../catalogue/hall.ts'
import type { Size } from './crowd-scenario.ts'

/** Shorter runs show nothing: connections are still being opened. */
const SHORTEST_MS = 1_500
const SMALLEST_ROWS = 3
const SMALLEST_ROW = 6

/**
 * Returns the size of a run. What was asked for is taken as it is; what was not is the scenario's own at that scale:
 * the same crowd for a shorter time, and then a smaller crowd.
 */
export function sizeOf(defaults: Size, asked: Partial<Size>): Size {
  const { scale } = { ...defaults, ...asked }
  const durationMs = Math.min(defaults.durationMs, Math.max(SHORTEST_MS, defaults.durationMs * scale))
  const rate =
    asked.durationMs === undefined ? (defaults.rate * defaults.durationMs * scale) / durationMs : defaults.rate
  return { ...defaults, rate, durationMs, ...asked }
}

/** The time and the arrivals of a run. */
export interface Pace {
  readonly durationMs: number
  /** Arrivals a second of the headline streams. */
  readonly perSecond: number
  /** Arrivals of the headline streams in all. */
  readonly crowd: number
}

export function paceOf({ rate, durationMs }: Pick<Size, 'rate' | 'durationMs'>): Pace {
  return { durationMs, perSecond: rate, crowd: Math.max(1, Math.round((rate * durationMs) / 1_000)) }
}

/** Returns a number of things at this scale, at least `smallest`. */
export const scaled = (count: number, scale: number, smallest = 1): number =>
  Math.max(Math.min(smallest, count), Math.round(count * scale))

/** Returns a hall of the same shape with about `scale` times as many seats. */
export function scaledHall({ rows, seatsPerRow }: Hall, scale: number): Hall {
  const side = Math.sqrt(scale)
  return { rows: scaled(rows, side, SMALLEST_ROWS), seatsPerRow: scaled(seatsPerRow, side, SMALLEST_ROW) }
}
