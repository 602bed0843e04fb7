import type { Scenario } from '../../apps/bench/src/options.ts'

/** About half of the time that all scenarios take. */
export const COMPARISONS: readonly Scenario[] = [
  'showtime',
  'event',
  'intake',
  'backlog',
  'scaling',
  'waiting',
  'start-up',
]
