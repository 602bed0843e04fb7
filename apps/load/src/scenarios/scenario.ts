import type { Measured, Results } from '../results/results.ts'
import type { Progress } from '../results/progress.ts'
import type { Contender } from '../target/contenders.ts'
import type { Target } from '../target/target.ts'

/** The command that runs a scenario: `npm run bench` or `npm run flood`. */
export type Command = Results['command']

/** One thing that can be measured. */
export interface Scenario {
  readonly name: string
  /** One sentence for the usage text and the report. */
  readonly about: string
  /** Its own size, for the usage text; `null` where the options have the same defaults for all. */
  readonly usual: string | null
  /** Throws where it could not be measured; what went wrong in it is in the result. */
  measure(context: RunContext): Promise<Measured>
}

/** Everything that a scenario needs to run. */
export interface RunContext {
  readonly target: Target
  readonly asked: Asked
  /** Hears how the run stands, once a second. */
  onProgress(progress: Progress): void
  /** Hears what comes next. */
  say(text: string): void
  /** Rejects when the run is to be broken off. Never resolves. */
  readonly interrupted: Promise<never>
}

/** The options of a run. The scenario has defaults for those that are left out. */
export interface Asked {
  readonly seed: number
  /** Arrivals a second. */
  readonly rate?: number
  readonly durationMs?: number
  readonly clients?: number
  readonly scale?: number
  readonly warmUpMs?: number
  readonly rounds?: number
  readonly contenders?: readonly Contender[]
  /** Length of the backlog. */
  readonly requests?: number
}

/** Runs a scenario. */
export async function runScenario(command: Command, scenario: Scenario, context: RunContext): Promise<Results> {
  const startedAt = new Date().toISOString()
  const { target, asked } = context
  return {
    format: 2,
    command,
    scenario: scenario.name,
    about: scenario.about,
    startedAt,
    seed: asked.seed,
    machine: target.machine,
    target: target.description,
    ...(await scenario.measure(context)),
  }
}
