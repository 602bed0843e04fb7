import type { Database } from '@boxoffice/core/db/connect.ts'
import type { Watched } from '../measure/process-usage.ts'
import type { Machine } from '../results/results.ts'
import type { Servers } from './servers.ts'
import type { SignToken } from './tokens.ts'

/** A system that load is sent to. */
export interface Target {
  /** For the report. */
  readonly description: string
  /** `null` where it is not known. */
  readonly machine: Machine | null
  /** Servers of our own; `null` where what is measured runs already. */
  readonly embedded: Embedded | null
  /** Makes it ready for one scenario, which has this name and wants these settings of API and worker. */
  open(scenario: { readonly name: string; readonly settings: Readonly<Record<string, string>> }): Promise<OpenTarget>
  /** Resolves when everything that was started is gone. */
  stop(): Promise<void>
}

export interface Embedded {
  readonly servers: Servers
  /** The directory for CPU profiles; `null` for none. */
  readonly profileDirectory: string | null
}

/** A Boxoffice that answers. */
export interface OpenTarget {
  readonly url: string
  readonly database: Database
  /** Processes whose costs can be read: none where they run elsewhere. */
  readonly watched: readonly Watched[]
  readonly sign: SignToken
  /** Rejects when something that was started ends unasked. Never resolves. */
  readonly failed: Promise<never>
  close(): Promise<void>
}
