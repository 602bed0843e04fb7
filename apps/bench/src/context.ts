import { signToken } from '@boxoffice/core/tokens.ts'
import { JWT_SECRET, type ContenderOptions } from './contenders.ts'
import type { Options } from './options.ts'
import type { BenchDatabase, Stack } from './stack.ts'

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

const TOKEN_TTL_S = 86_400

/** A customer's token for each client. */
export function signTokens(count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      signToken(
        { subject: `bench-customer-${index}`, role: 'customer', organizerId: null, ttlSeconds: TOKEN_TTL_S },
        JWT_SECRET,
        { JWT_AUDIENCE: 'boxoffice', JWT_ISSUER: undefined },
      ),
    ),
  )
}

/** What the processes of one run are started with. `name` is that of the run. */
export function contenderOptions(context: BenchContext, database: BenchDatabase, name: string): ContenderOptions {
  const { stack, profileDirectory } = context
  return {
    databaseUrl: database.url,
    queueUrl: stack.queueUrl,
    dataDirectory: stack.dataDirectory,
    profile: profileDirectory === null ? null : { directory: profileDirectory, prefix: name },
  }
}
