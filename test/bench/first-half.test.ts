import { FIRST_HALF } from './halves.ts'
import { describeSmallRuns } from './small-runs.ts'

describeSmallRuns(FIRST_HALF)
