import type { Database } from '@boxoffice/core/db/connect.ts'
import type { GeneratorOutcome } from '../generator/outcome.ts'
import type { FloodPlan } from '../generator/plan.ts'

/** How large a run is. */
export interface Size {
  /** Arrivals a second of the headline streams. */
  readonly rate: number
  readonly durationMs: number
  readonly clients: number
  /** Of houses and watchers, and of crowds and times that nobody asked for: 1 is the full scenario. */
  readonly scale: number
}

/** What a scenario is given to set the stage with. */
export interface Theatre {
  readonly database: Database
  readonly url: string
  readonly lanes: number
  readonly size: Size
  readonly customers: readonly string[]
  /** A token of staff or organizer of an organizer, signed with the service's secret. */
  signWorker(role: 'staff' | 'organizer', organizerId: string): Promise<string>
  /** A token of an admin: pauses and resumes lanes. */
  readonly admin: string
}

/** A part of the run in which arrivals of one stream alone come: what their refusals cost on disk is measured. */
export interface DiskWindow {
  /** Its name. */
  readonly stream: string
  /** From the run's start. */
  readonly fromMs: number
  readonly untilMs: number
}

/** One showtime whose seats the report draws, by when they were sold. */
export interface DrawnShowtime {
  readonly showtimeId: string
  readonly title: string
}

export interface Staged {
  /** Its seed is put in by whoever runs it. */
  readonly plan: FloodPlan
  readonly resourceIds: readonly string[]
  readonly drawn: DrawnShowtime | null
  /** Nothing is measured on disk unless given. */
  readonly disk?: DiskWindow
  /**
   * Called when the arrivals are over, before the rest is waited for, and also where a run is broken off: a paused lane is
   * resumed here. May be called twice.
   */
  afterArrivals?(): Promise<void>
  /** Holds are expected to end by themselves: the audit waits for them. */
  readonly holdsExpire: boolean
}

export interface Scenario {
  readonly name: string
  /** One sentence for the usage text and the report. */
  readonly about: string
  readonly defaults: Size
  /** Settings of API and worker, on top of the usual ones, such as `LIMITS: 'on'`. */
  readonly settings: Readonly<Record<string, string>>
  stage(theatre: Theatre): Promise<Staged>
  /** What must hold of the measured figures besides the audit, one sentence for each thing that does not. */
  verdict?(outcome: GeneratorOutcome, size: Size): readonly string[]
}
