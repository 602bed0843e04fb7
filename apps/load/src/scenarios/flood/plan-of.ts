import type { LoadPlan } from '../../generator/plan.ts'
import type { Prepared, PrepareContext } from './crowd-scenario.ts'

const GRACE_MS = 60_000

/** Returns the plan for the generator. */
export function planOf(
  { url, customers, size }: Pick<PrepareContext, 'url' | 'customers' | 'size'>,
  { streams, watchers, staff, graceMs = GRACE_MS }: Prepared,
  seed: number,
): LoadPlan {
  return {
    url,
    customers,
    streams,
    ...(watchers !== undefined && { watchers }),
    ...(staff !== undefined && { staff }),
    durationMs: size.durationMs,
    graceMs,
    clients: size.clients,
    seed,
  }
}
