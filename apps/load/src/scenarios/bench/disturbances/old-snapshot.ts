import { holdOldSnapshot } from '../../../target/old-snapshot.ts'
import type { Disturbance } from './disturbance.ts'

/** Another session has a snapshot open from before the run: no dead row version can be removed. */
export const oldSnapshot: Disturbance = {
  name: 'an old snapshot held',
  countsCatchingUp: false,
  begin: async ({ database }) => ({ release: await holdOldSnapshot(database) }),
}
