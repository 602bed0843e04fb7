import type { Machine } from '@boxoffice/load-rig/machine.ts'
import type { GeneratorOutcome } from '../generator/outcome.ts'
import type { Size } from '../scenarios/scenario.ts'

/** Sampled beside the run, once a second, from the database and the processes. */
export interface Sample {
  readonly second: number
  /** Accepted and not decided, over all lanes. */
  readonly inLine: number
  /** Since the run's start, over all lanes. */
  readonly decided: number
}

export interface ProcessCost {
  readonly name: string
  /** CPU seconds per second: 1 is one core. */
  readonly cores: number | null
  readonly peakRssMb: number | null
}

/** Seats of one showtime and when each was sold. */
export interface SeatMapFilling {
  readonly title: string
  /** `x` and `y` in seat widths; `soldMs` from the run's start, `null` where it was not sold. */
  readonly seats: readonly {
    readonly label: string
    readonly x: number
    readonly y: number
    readonly soldMs: number | null
  }[]
}

/** What PostgreSQL wrote while one stream's requests were refused and nobody else came. */
export interface DiskWritten {
  readonly stream: string
  /** Requests of it that were refused: in the line, or turned away before it (4xx and 503). */
  readonly refused: number
  readonly turnedAway: number
  readonly walBytes: number
  /** Growth of tables and indexes. */
  readonly tableBytes: number
}

/** Everything that is known of a run; this is the JSON file. */
export interface FloodResults {
  readonly format: 1
  readonly scenario: string
  readonly about: string
  readonly startedAt: string
  readonly size: Size
  readonly seed: number
  /** `null` for a run against a URL: its machine is not known. */
  readonly machine: Machine | null
  readonly target: string
  /** Without the single sightings, which only the audit needs. */
  readonly outcome: Omit<GeneratorOutcome, 'sightings' | 'references'>
  readonly samples: readonly Sample[]
  readonly processes: readonly ProcessCost[]
  /** Over the time in which something was decided. */
  readonly decidedPerSecond: number
  readonly acceptedPerSecond: number
  readonly filling: SeatMapFilling | null
  /** `null` where it was not measured. */
  readonly disk: DiskWritten | null
  readonly audit: AuditResult
}

export interface AuditResult {
  /** What was looked at, in words, in order. */
  readonly checks: readonly { readonly what: string; readonly bad: number }[]
  /** One sentence each; empty is a clean run. */
  readonly violations: readonly string[]
}
