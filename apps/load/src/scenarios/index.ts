import { backlog } from './bench/backlog.ts'
import { disturbed } from './bench/disturbed.ts'
import { firstSeconds } from './bench/first-seconds.ts'
import { floor } from './bench/floor.ts'
import { growth } from './bench/growth.ts'
import { compareOn } from './bench/hot.ts'
import { intake } from './bench/intake.ts'
import { neighbours } from './bench/neighbours.ts'
import { overload } from './bench/overload.ts'
import { reads } from './bench/reads.ts'
import { scaling } from './bench/scaling.ts'
import { soldOut } from './bench/sold-out.ts'
import { startUp } from './bench/start-up.ts'
import { waiting } from './bench/waiting.ts'
import { watchers } from './bench/watchers.ts'
import { wishes } from './bench/wishes.ts'
import { CROWDS } from './flood/crowds.ts'
import { crowdScenario } from './flood/run-crowd.ts'
import type { Command, Scenario } from './scenario.ts'

/** Everything that can be measured, in the order in which `all` runs it. */
export const SCENARIOS: Readonly<Record<Command, readonly Scenario[]>> = {
  bench: [
    compareOn('showtime'),
    compareOn('event'),
    floor,
    intake,
    backlog,
    growth,
    scaling,
    neighbours,
    wishes,
    soldOut,
    reads,
    watchers,
    waiting,
    disturbed,
    overload,
    firstSeconds,
    startUp,
  ],
  flood: CROWDS.map(crowdScenario),
}
