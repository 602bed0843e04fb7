import type { ProcessOptions } from '@boxoffice/load-rig/product.ts'
import type { BenchDatabase, Stack } from '@boxoffice/load-rig/stack.ts'
import type { Options } from './options.ts'

/** What a scenario works with. */
export interface BenchContext {
  readonly stack: Stack
  readonly options: Options
  /** One per client. */
  readonly tokens: readonly string[]
  /** Where CPU profiles go; `null` when none are wanted. */
  readonly profileDirectory: string | null
  /** Says what is going on, for a person who waits. */
  say(text: string): void
}

/** What the processes of one run are started with. `name` is that of the run. */
export function processOptions(context: BenchContext, database: BenchDatabase, name: string): ProcessOptions {
  const { stack, profileDirectory } = context
  return {
    databaseUrl: database.url,
    queueUrl: stack.queueUrl,
    dataDirectory: stack.dataDirectory,
    profile: profileDirectory === null ? null : { directory: profileDirectory, prefix: name },
  }
}
