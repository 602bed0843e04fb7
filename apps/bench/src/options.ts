import { z } from 'zod'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { between, FLAG, namesOf, sentencesOf, splitCommandLine, TEXT, whole } from '@boxoffice/load-rig/command-line.ts'
import { CONTENDERS } from './contenders.ts'
import type { Hall } from '@boxoffice/load-rig/layout.ts'
import { defaultParent } from '@boxoffice/load-rig/stack.ts'

export const SCENARIOS = [
  'showtime',
  'event',
  'intake',
  'backlog',
  'growth',
  'scaling',
  'sold-out',
  'reads',
  'watchers',
  'waiting',
  'disturbed',
  'start-up',
] as const
export type Scenario = (typeof SCENARIOS)[number]

export const USAGE = `Usage: npm run bench -- [options]

  --scenario NAMES   of ${SCENARIOS.join(', ')}; all unless given (comma-separated)
  --only LETTERS     contenders of the showtime and event scenarios: a, b, c; all unless given (comma-separated)
  --seconds N        measured time of each run (10)
  --warm-up N        seconds before it, in which V8 compiles what is hot (15)
  --clients N        waiting clients (200)
  --rounds N         times that each comparison is repeated (2)
  --requests N       length of the backlog (300000)
  --quick            everything small and once: shows that it works, measures nothing
  --profile          CPU profiles of API and worker, and PostgreSQL's costliest statements
  --dir PATH         where the temporary data directory is made (${defaultParent()})
  --help             this text`

const SEE_HELP = 'npm run bench -- --help tells all options and scenarios.'

const OPTIONS = {
  scenario: TEXT,
  only: TEXT,
  seconds: TEXT,
  'warm-up': TEXT,
  clients: TEXT,
  rounds: TEXT,
  requests: TEXT,
  dir: TEXT,
  quick: FLAG,
  profile: FLAG,
  help: FLAG,
} as const

const SCHEMA = z.object({
  scenario: namesOf(SCENARIOS).default([...SCENARIOS]),
  only: namesOf(CONTENDERS).default([...CONTENDERS]),
  seconds: between(1, 600).optional(),
  'warm-up': between(0, 60).optional(),
  clients: whole(1, 5_000).optional(),
  rounds: whole(1, 20).optional(),
  requests: whole(1_000, 5_000_000).optional(),
  dir: z.string().min(1, { error: 'must name a directory' }).default(defaultParent()),
  quick: z.boolean(),
  profile: z.boolean(),
})

export interface Options {
  readonly scenarios: readonly Scenario[]
  readonly contenders: readonly (typeof CONTENDERS)[number][]
  readonly measuredMs: number
  readonly warmUpMs: number
  readonly clients: number
  readonly rounds: number
  readonly quick: boolean
  readonly profile: boolean
  /** Where the temporary data directory is made. */
  readonly parent: string
  /** Seats or tickets of each booking. */
  readonly perBooking: number
  /** Of the hot showtime. */
  readonly hall: Hall
  readonly backlog: Backlog
}

export interface Backlog {
  readonly requests: number
  readonly hall: Hall
  /** Seats that are taken in each showtime before the drain. */
  readonly taken: number
}

const FULL = {
  seconds: 10,
  warmUp: 15,
  clients: 200,
  rounds: 2,
  hall: { rows: 200, seatsPerRow: 300 },
  backlog: { requests: 300_000, hall: { rows: 520, seatsPerRow: 500 }, taken: 160_000 },
}
const QUICK = {
  seconds: 1,
  warmUp: 0.5,
  clients: 20,
  rounds: 1,
  hall: { rows: 40, seatsPerRow: 100 },
  backlog: { requests: 10_000, hall: { rows: 100, seatsPerRow: 100 }, taken: 5_000 },
}

/** Reads the command line; `null` asks for the usage. Throws a `StartupError` that names everything that is wrong. */
export function readOptions(args: readonly string[]): Options | null {
  const { values, positionals } = splitCommandLine(args, OPTIONS, SEE_HELP)
  if (values.help) return null
  const parsed = SCHEMA.safeParse(values)
  const problems = [
    ...sentencesOf(parsed.error),
    ...positionals.map((text) => `${JSON.stringify(text)} is not understood`),
  ]
  if (!parsed.success || problems.length > 0) throw new StartupError(`${problems.join('\n')}\n\n${SEE_HELP}`)
  const { data } = parsed
  const defaults = data.quick ? QUICK : FULL
  return {
    scenarios: data.scenario,
    contenders: data.only,
    measuredMs: (data.seconds ?? defaults.seconds) * 1_000,
    warmUpMs: (data['warm-up'] ?? defaults.warmUp) * 1_000,
    clients: data.clients ?? defaults.clients,
    rounds: data.rounds ?? defaults.rounds,
    quick: data.quick,
    profile: data.profile,
    parent: data.dir,
    perBooking: 2,
    hall: defaults.hall,
    backlog: { ...defaults.backlog, requests: data.requests ?? defaults.backlog.requests },
  }
}
