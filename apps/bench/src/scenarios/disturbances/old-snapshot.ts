import { holdOldSnapshot } from '@boxoffice/load-rig/old-snapshot.ts'
import type { Disturbance } from './disturbance.ts'

/** Another session has a snapshot open from before the run: no dead row version can be removed. */
export const oldSnapshot: Disturbance = {
  name: 'an old snapshot held',
  countsCatchingUp: false,
  begin: async ({ bench }) => ({ release: await holdOldSnapshot(bench.database) }),
}
