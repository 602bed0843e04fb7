import type { RunningProcesses } from '@boxoffice/load-rig/product.ts'
import type { BenchDatabase } from '@boxoffice/load-rig/stack.ts'
import type { BenchContext } from '../../context.ts'

/** Where a disturbance happens. */
export interface Scene {
  readonly context: BenchContext
  readonly bench: BenchDatabase
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
  /** The processes run, the load does not yet. */
  ready?(running: RunningProcesses): Promise<void>
  /** The measured time begins; returns at once. */
  measuring?(): void
  /** The measured time is over; returns at once. */
  measured?(): void
  /** The hot lane is drained and the processes still run. Ends what is left, so that everything can be audited. */
  end?(running: RunningProcesses): Promise<Ending>
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
