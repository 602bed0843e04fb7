import { COMPARISONS } from './scenario-names.ts'
import { describeSmallRuns } from './small-runs.ts'

describeSmallRuns(COMPARISONS)
