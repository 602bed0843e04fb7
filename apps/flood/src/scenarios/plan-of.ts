import type { FloodPlan, Stream } from '../generator/plan.ts'
import type { Pace } from './pace.ts'
import type { Theatre } from './scenario.ts'

/** Time for everything that is still under way when nobody arrives any more. */
const GRACE_MS = 60_000

/** The plan of a scenario: who arrives, and whatever else differs from most scenarios. */
export function planOf(
  { url, customers, size }: Theatre,
  { durationMs }: Pick<Pace, 'durationMs'>,
  streams: readonly Stream[],
  own: Partial<Pick<FloodPlan, 'staff' | 'watchers' | 'graceMs'>> = {},
): FloodPlan {
  return {
    url,
    customers,
    staff: null,
    watchers: null,
    graceMs: GRACE_MS,
    ...own,
    streams,
    durationMs,
    clients: size.clients,
    seed: 0,
  }
}
