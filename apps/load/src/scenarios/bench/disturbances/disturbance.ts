import type { Database } from '@boxoffice/core/db/connect.ts'
import type { GeneratorOutcome } from '../../../generator/outcome.ts'
import type { Stream } from '../../../generator/plan.ts'
import type { RunningProcesses } from '../../../target/processes.ts'
import type { BenchContext } from '../bench-context.ts'

/** The run that is disturbed. */
export interface Scene {
  readonly context: BenchContext
  readonly database: Database
}

/** Something that goes on beside the hot event, prepared in an order: `begin`, `ready`, the load, `end`. */
export interface Disturbance {
  readonly name: string
  /** The rate counts the time until everything accepted is decided, not only the measured time. */
  readonly countsCatchingUp: boolean
  /** Before the processes start. */
  begin(scene: Scene): Promise<Ongoing>
}

export interface Ongoing {
  /** The processes run, the load does not yet. Returns whoever comes beside it. */
  ready?(running: RunningProcesses): Promise<readonly Stream[]>
  /** The measured time begins; returns at once. */
  measuring?(): void
  /** The measured time is over; returns at once. */
  measured?(): void
  /** The hot lane is drained and the processes still run. Ends what is left, so that everything can be verified. */
  end?(running: RunningProcesses, outcome: GeneratorOutcome): Promise<Ending>
  /** Whatever happened before: gives back what it holds. */
  release?(): Promise<void>
}

export interface Ending {
  /** For the row. */
  readonly remark: string
  readonly problems: readonly string[]
}

/** Nothing beside it. */
export function undisturbed(name: string): Disturbance {
  return { name, countsCatchingUp: false, begin: () => Promise.resolve({}) }
}
