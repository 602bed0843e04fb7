import { SCENARIOS } from '../../apps/bench/src/options.ts'
import { COMPARISONS } from './scenario-names.ts'
import { describeSmallRuns } from './small-runs.ts'

describeSmallRuns(SCENARIOS.filter((name) => !COMPARISONS.includes(name)))
