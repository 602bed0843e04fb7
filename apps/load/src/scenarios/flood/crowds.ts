import { arena } from './arena.ts'
import { backlog } from './backlog.ts'
import { bots } from './bots.ts'
import { browse } from './browse.ts'
import { festival } from './festival.ts'
import { hostile } from './hostile/hostile.ts'
import { hotShowtime } from './hot-showtime.ts'
import { lifecycle } from './lifecycle.ts'
import { onSale } from './on-sale.ts'
import type { CrowdScenario } from './crowd-scenario.ts'

/** The flood's, in the order in which `all` runs them. */
export const CROWDS: readonly CrowdScenario[] = [
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
