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
  /** Begins, before the processes start. */
  begin(scene: Scene): Promise<Ongoing>
}

export interface Ongoing {
  /** Returns the streams that come beside the load. The processes run, the load does not yet. */
  ready?(running: RunningProcesses): Promise<readonly Stream[]>
  /** Learns that the measured time begins; returns at once. */
  measuring?(): void
  /** Learns that the measured time is over; returns at once. */
  measured?(): void
  /** Ends what is left, so that everything can be verified: the hot line is drained, and the processes still run. */
  end?(running: RunningProcesses, outcome: GeneratorOutcome): Promise<Ending>
  /** Gives back what it holds, whatever happened before. */
  release?(): Promise<void>
}

export interface Ending {
  /** Remark in the row. */
  readonly remark: string
  readonly problems: readonly string[]
}

/** Returns a disturbance that disturbs nothing. */
export function undisturbed(name: string): Disturbance {
  return { name, countsCatchingUp: false, begin: () => Promise.resolve({}) }
}
