import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Machine } from '@boxoffice/load-rig/machine.ts'
import type { Watched } from '@boxoffice/load-rig/process-usage.ts'
import type { Scenario } from './scenarios/scenario.ts'
import type { SignToken } from './target-tokens.ts'

/** What floods are sent at. */
export interface Target {
  /** For the report. */
  readonly description: string
  /** `null` where it is not known. */
  readonly machine: Machine | null
  /** Makes it ready for one scenario. */
  open(scenario: Scenario): Promise<OpenTarget>
  /** Resolves when everything that was started is gone. */
  stop(): Promise<void>
}

/** A Boxoffice that answers. */
export interface OpenTarget {
  readonly url: string
  readonly database: Database
  /** Whose costs can be read: none where they run elsewhere. */
  readonly watched: readonly Watched[]
  readonly sign: SignToken
  /** Rejects when something that was started ends unasked. Never resolves. */
  readonly failed: Promise<never>
  close(): Promise<void>
}
