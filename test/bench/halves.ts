import { type Scenario, SCENARIOS } from '../../apps/bench/src/options.ts'

/** Of the time that all scenarios take, so that two files of them end at about the same time. */
export const FIRST_HALF: readonly Scenario[] = [
  'showtime',
  'event',
  'intake',
  'backlog',
  'scaling',
  'waiting',
  'start-up',
]
export const SECOND_HALF: readonly Scenario[] = SCENARIOS.filter((name) => !FIRST_HALF.includes(name))
