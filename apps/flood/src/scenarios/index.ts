import { arena } from './arena.ts'
import { backlog } from './backlog.ts'
import { bots } from './bots.ts'
import { browse } from './browse.ts'
import { festival } from './festival.ts'
import { hostile } from './hostile/hostile.ts'
import { hotShowtime } from './hot-showtime.ts'
import { lifecycle } from './lifecycle.ts'
import { onSale } from './on-sale.ts'
import type { Scenario } from './scenario.ts'

/** In the order in which `all` runs them. */
export const SCENARIOS: readonly Scenario[] = [
  onSale,
  hotShowtime,
  arena,
  festival,
  browse,
  lifecycle,
  backlog,
  bots,
  hostile,
]

/** The scenario of this name; `undefined` where there is none. */
export const scenarioOf = (name: string): Scenario | undefined => SCENARIOS.find((scenario) => scenario.name === name)
