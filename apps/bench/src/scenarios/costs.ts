import type { ProcessOptions } from '@boxoffice/load-rig/product.ts'
import { profilePaths } from '@boxoffice/load-rig/profile-flags.ts'
import type { Watched } from '@boxoffice/load-rig/process-usage.ts'
import { type SelfTime, topSelfTimes } from '../profile.ts'
import type { BenchDatabase } from '@boxoffice/load-rig/stack.ts'
import { costliestStatements, resetStatements, type StatementCost } from '../statements.ts'

const MAX_FUNCTIONS = 25
const MAX_STATEMENTS = 12

/** Where the time of one run went. */
export interface Costs {
  readonly processes: readonly { readonly name: string; readonly functions: readonly SelfTime[] }[]
  readonly statements: readonly StatementCost[]
}

/** To be called when everything is prepared, right before a run. */
export async function beginCosts({ profile }: ProcessOptions, { database }: BenchDatabase): Promise<void> {
  if (profile !== null) await resetStatements(database)
}

/** Reads the profiles of a run whose processes have ended, before its audit; `null` when none were wanted. */
export async function readCosts(
  { profile }: ProcessOptions,
  watched: readonly Watched[],
  { database }: BenchDatabase,
): Promise<Costs | null> {
  if (profile === null) return null
  const processes = await Promise.all(
    profilePaths(profile, watched).map(async ({ name, path }) => ({
      name,
      functions: (await topSelfTimes(path, MAX_FUNCTIONS)) ?? [],
    })),
  )
  return { processes, statements: await costliestStatements(database, MAX_STATEMENTS) }
}
