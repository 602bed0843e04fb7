import type { Database } from '@boxoffice/core/db/connect.ts'
import type { LoadPlan } from '../../generator/plan.ts'
import type { DiskWindow } from '../../measure/disk-written.ts'
import type { DrawnShowtime } from '../../measure/seat-map.ts'
import type { Results } from '../../results/results.ts'

/** The size of a run. */
export interface Size {
  /** Arrivals a second of the headline streams. */
  readonly rate: number
  readonly durationMs: number
  readonly clients: number
  /** The scale of houses and watchers, and of crowds and times that were not asked for: 1 is the full scenario. */
  readonly scale: number
}

/** Everything that a scenario needs to prepare the database. */
export interface PrepareContext {
  readonly database: Database
  readonly url: string
  /** The setting LANES of what is measured. */
  readonly lanes: number
  readonly size: Size
  readonly customers: readonly string[]
  /** A token of staff or organizer of an organizer, signed with the service's secret. */
  signWorker(role: 'staff' | 'organizer', organizerId: string): Promise<string>
  /** A token of an admin: pauses and resumes lines. */
  readonly admin: string
}

/** The crowd that comes, and what it comes to. */
export interface Prepared extends Pick<LoadPlan, 'streams' | 'watchers' | 'staff'> {
  readonly resourceIds: readonly string[]
  /** A minute unless given: the time to wait for answers when nobody arrives any more. */
  readonly graceMs?: number
  /** No seats are drawn unless given. */
  readonly drawn?: DrawnShowtime
  /** Window of measuring on disk. Nothing is measured there unless given. */
  readonly disk?: DiskWindow
  /**
   * Called when the arrivals are over, before the rest is waited for, and also where a run is broken off: a paused line is
   * resumed here. May be called twice.
   */
  afterArrivals?(): Promise<void>
  /** Holds are expected to end by themselves: the verification waits for them. */
  readonly holdsExpire?: boolean
}

/** A scenario that sends one crowd, open loop, at an API and a worker. */
export interface CrowdScenario {
  readonly name: string
  /** One sentence for the usage text and the report. */
  readonly about: string
  readonly defaults: Size
  /** Settings of API and worker, on top of the usual ones, such as `LIMITS: 'on'`. */
  readonly settings: Readonly<Record<string, string>>
  /** Puts on sale what the crowd wants. */
  prepare(context: PrepareContext): Promise<Prepared>
  /** Returns one sentence for each demand on the measured figures that is not met. */
  verdict?(outcome: Results['outcome'], size: Size): readonly string[]
}
