import { tmpdir } from 'node:os'
import { SCENARIOS } from '../scenarios/index.ts'
import type { Command } from '../scenarios/scenario.ts'

export const QUICK_SCALE = 0.02
export const DEFAULT_SEED = 1
export const DEFAULT_OUT = 'load-results'
export const DEFAULT_PARENT = tmpdir()
export const SECRET_VARIABLE = 'FLOOD_JWT_SECRET'

interface Option {
  /** The placeholder of its value; `null` for a flag. */
  readonly takes: string | null
  readonly says: string
  /** Commands that have it: both unless given. */
  readonly of?: Command
}

/** Every option of both commands, in the order of the usage text. */
export const OPTIONS = {
  scenario: { takes: 'NAMES', says: 'one, several by comma, or all' },
  only: {
    takes: 'LETTERS',
    says: 'contenders of the showtime and event scenarios: a, b, c; all unless given',
    of: 'bench',
  },
  rate: { takes: 'R', says: "arrivals per second of the scenario's main streams", of: 'flood' },
  duration: { takes: 'S', says: 'seconds in which arrivals are intended, or clients are measured' },
  'warm-up': { takes: 'S', says: 'seconds before it, in which V8 compiles what is hot (15)', of: 'bench' },
  clients: { takes: 'N', says: 'requests in flight at most; arrivals beyond it wait, and their wait counts' },
  rounds: { takes: 'N', says: 'times that each comparison is repeated (2)', of: 'bench' },
  requests: { takes: 'N', says: 'length of the backlog (300000)', of: 'bench' },
  seed: { takes: 'N', says: `the same seed is the same crowd (${DEFAULT_SEED})` },
  scale: {
    takes: 'F',
    says: 'more than 0, at most 1: makes houses and watchers smaller, and the crowd and its time where --rate and --duration do not say them',
    of: 'flood',
  },
  quick: { takes: null, says: 'everything small: shows that it works, measures nothing' },
  url: { takes: 'URL', says: 'a running Boxoffice; needs --database-url and a secret', of: 'flood' },
  'database-url': { takes: 'URL', says: 'its database: what is sold is put there, and it is verified', of: 'flood' },
  'jwt-secret': {
    takes: 'SECRET',
    says: `what its tokens are signed with; better in ${SECRET_VARIABLE}, which no list shows`,
    of: 'flood',
  },
  'allow-remote': { takes: null, says: 'without it, hosts other than this machine are refused', of: 'flood' },
  redis: { takes: 'auto|none', says: 'none starts without Redis, on PostgreSQL alone (auto)', of: 'flood' },
  profile: {
    takes: null,
    says: 'CPU profiles of the processes; of the benchmark also the costliest functions and statements',
  },
  dir: { takes: 'PATH', says: `where the temporary data directory is made (${DEFAULT_PARENT})` },
  out: { takes: 'DIR', says: `where reports go (${DEFAULT_OUT}/)` },
  compare: { takes: 'A.json B.json', says: 'compares two results; sends nothing' },
  help: { takes: null, says: 'this text' },
} as const satisfies Readonly<Record<string, Option>>

export type OptionName = keyof typeof OPTIONS

const ROWS = Object.entries(OPTIONS) as readonly (readonly [OptionName, Option])[]

export const optionsOf = (command: Command): readonly (readonly [OptionName, Option])[] =>
  ROWS.filter(([, { of }]) => of === undefined || of === command)

const COLUMN = 28
const WIDTH = 120

export function usageOf(command: Command): string {
  const options = optionsOf(command).map(([name, { takes, says }]) => row(`--${name} ${takes ?? ''}`, says))
  const scenarios = SCENARIOS[command].flatMap(({ name, about, usual }) => [
    row(name, about),
    ...(usual === null ? [] : [row('', usual)]),
  ])
  return [
    `Usage: npm run ${command} -- ${command === 'flood' ? '--scenario NAMES [options]' : '[options]'}`,
    `       npm run ${command} -- --compare A.json B.json`,
    '',
    ...options,
    '',
    'Scenarios:',
    ...scenarios,
  ].join('\n')
}

/** Formats two columns; what is too long for the second goes on in the next line. */
function row(name: string, text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last.length + word.length + COLUMN > WIDTH) lines.push(word)
    else lines.splice(-1, 1, last === '' ? word : `${last} ${word}`)
  }
  const [first, ...more] = lines
  return [`  ${name.trim().padEnd(COLUMN - 3)} ${first}`, ...more.map((line) => ' '.repeat(COLUMN) + line)].join('\n')
}

/** Refers to the usage, which is longer than a small terminal: what is wrong would be above its edge. */
export const seeHelp = (command: Command): string => `npm run ${command} -- --help tells all options and scenarios.`
