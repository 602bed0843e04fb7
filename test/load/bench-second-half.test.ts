import { describeSmallRuns, FIRST_HALF } from './bench-small-runs.ts'

describeSmallRuns((name) => !FIRST_HALF.includes(name))
