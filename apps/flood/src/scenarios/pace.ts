import type { Hall } from '@boxoffice/load-rig/layout.ts'
import type { Size } from './scenario.ts'

/** Shorter runs show nothing: connections are still being opened. */
const SHORTEST_MS = 1_500
const SMALLEST_ROWS = 3
const SMALLEST_ROW = 6

/** How a scenario of some size goes: a smaller scale is the same crowd for a shorter time, and then a smaller crowd. */
export interface Pace {
  readonly durationMs: number
  /** Arrivals a second of the headline streams. */
  readonly perSecond: number
  /** Arrivals of the headline streams in all. */
  readonly crowd: number
}

export function paceOf({ rate, durationMs: fullMs, scale }: Pick<Size, 'rate' | 'durationMs' | 'scale'>): Pace {
  const durationMs = Math.min(fullMs, Math.max(SHORTEST_MS, fullMs * scale))
  const crowd = (rate * fullMs * scale) / 1_000
  return { durationMs, perSecond: (crowd / durationMs) * 1_000, crowd: Math.max(1, Math.round(crowd)) }
}

/** A number of things at this scale, at least `smallest`. */
export const scaled = (count: number, scale: number, smallest = 1): number =>
  Math.max(Math.min(smallest, count), Math.round(count * scale))

/** A hall of the same shape with about `scale` times as many seats. */
export function scaledHall({ rows, seatsPerRow }: Hall, scale: number): Hall {
  const side = Math.sqrt(scale)
  return { rows: scaled(rows, side, SMALLEST_ROWS), seatsPerRow: scaled(seatsPerRow, side, SMALLEST_ROW) }
}
