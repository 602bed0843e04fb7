import type { BenchContext } from './context.ts'
import { MEASUREMENTS } from './measurements.ts'
import type { Scenario } from './options.ts'
import type { Results } from './report.ts'
import { drainBacklogs } from './scenarios/backlog.ts'
import { compareOnHot } from './scenarios/hot.ts'
import { measureIntake } from './scenarios/intake.ts'

/** Runs one scenario and adds what it measured to the results. */
export async function runScenario(context: BenchContext, scenario: Scenario, results: Results): Promise<void> {
  switch (scenario) {
    case 'showtime':
    case 'event':
      results[scenario] = await compareOnHot(context, scenario)
      break
    case 'intake':
      results.intake = await measureIntake(context)
      break
    case 'backlog':
      results.backlog = await drainBacklogs(context)
      break
    default:
      results.figures = { ...results.figures, [scenario]: await MEASUREMENTS[scenario](context) }
  }
}
