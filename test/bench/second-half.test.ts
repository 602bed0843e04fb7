import { SECOND_HALF } from './halves.ts'
import { describeSmallRuns } from './small-runs.ts'

describeSmallRuns(SECOND_HALF)
