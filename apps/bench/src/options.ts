import { parseArgs } from 'node:util'
import { z } from 'zod'
import { StartupError } from '@boxoffice/core/startup-error.ts'
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

const list = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(names)).min(1))
const number = (min: number, max: number) => z.coerce.number().min(min).max(max)
const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

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

const FULL = { seconds: 10, warmUp: 15, clients: 200, rounds: 2, requests: 300_000 }
const QUICK = { seconds: 1, warmUp: 0.5, clients: 20, rounds: 1, requests: 10_000 }

/** Reads the command line; `null` asks for the usage. Throws `StartupError` for what it does not understand. */
export function readOptions(args: readonly string[]): Options | null {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  let values: Record<string, string | boolean | undefined>
  try {
    values = parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        scenario: text,
        only: text,
        seconds: text,
        'warm-up': text,
        clients: text,
        rounds: text,
        requests: text,
        dir: text,
        quick: flag,
        profile: flag,
        help: flag,
      },
    }).values
  } catch (error) {
    throw new StartupError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  }
  if (values['help'] === true) return null
  const defaults = values['quick'] === true ? QUICK : FULL
  const schema = z.object({
    scenario: list(SCENARIOS).default([...SCENARIOS]),
    only: list(CONTENDERS).default([...CONTENDERS]),
    seconds: number(1, 600).default(defaults.seconds),
    'warm-up': number(0, 60).default(defaults.warmUp),
    clients: integer(1, 5_000).default(defaults.clients),
    rounds: integer(1, 20).default(defaults.rounds),
    requests: integer(1_000, 5_000_000).default(defaults.requests),
    dir: z.string().min(1).default(defaultParent()),
    quick: z.boolean(),
    profile: z.boolean(),
  })
  const parsed = schema.safeParse(values)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`)
    throw new StartupError(`${problems.join('\n')}\n\n${USAGE}`)
  }
  const { data } = parsed
  return {
    scenarios: data.scenario,
    contenders: data.only,
    measuredMs: data.seconds * 1_000,
    warmUpMs: data['warm-up'] * 1_000,
    clients: data.clients,
    rounds: data.rounds,
    quick: data.quick,
    profile: data.profile,
    parent: data.dir,
    perBooking: 2,
    hall: data.quick ? { rows: 40, seatsPerRow: 100 } : { rows: 200, seatsPerRow: 300 },
    backlog: {
      requests: data.requests,
      ...(data.quick
        ? { hall: { rows: 100, seatsPerRow: 100 }, taken: 5_000 }
        : { hall: { rows: 520, seatsPerRow: 500 }, taken: 160_000 }),
    },
  }
}
