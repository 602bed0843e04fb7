import { z } from 'zod'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { above0, FLAG, sentencesOf, splitCommandLine, TEXT, whole } from '@boxoffice/load-rig/command-line.ts'
import { SCENARIOS } from './scenarios/index.ts'
import type { Scenario, Size } from './scenarios/scenario.ts'
import { remoteHosts } from './target-hosts.ts'
import type { UrlOptions } from './target-url.ts'

const QUICK_SCALE = 0.02
const DEFAULT_SEED = 1
const DEFAULT_OUT = 'flood-results'
const SECRET_VARIABLE = 'FLOOD_JWT_SECRET'
const SHORTEST_SECRET = 32

/** What the command is to do. */
export type Options =
  | { readonly kind: 'help' }
  | { readonly kind: 'compare'; readonly a: string; readonly b: string; readonly out: string }
  | RunOptions

interface RunOptions {
  readonly kind: 'run'
  readonly scenarios: readonly Scenario[]
  /** In the place of a scenario's own. */
  readonly size: Partial<Size>
  readonly seed: number
  /** `null`: everything is started by ourselves. */
  readonly remote: UrlOptions | null
  readonly redis: 'auto' | 'none'
  readonly profile: boolean
  readonly out: string
}

const list = SCENARIOS.map(
  ({ name, about, defaults }) =>
    `  ${name.padEnd(14)} ${about}\n${' '.repeat(17)}${defaults.rate}/s for ${defaults.durationMs / 1_000} s, ${defaults.clients} clients`,
)

export const USAGE = `Usage: npm run flood -- --scenario NAMES [options]
       npm run flood -- --compare A.json B.json

  --scenario NAMES      one, several by comma, or all
  --rate R              arrivals per second of the scenario's main streams
  --duration S          seconds in which arrivals are intended
  --clients N           requests in flight at most; arrivals beyond it wait, and their wait counts
  --seed N              the same seed is the same crowd (${DEFAULT_SEED})
  --scale F             more than 0, at most 1: makes houses and watchers smaller, and the crowd and its time where
                        --rate and --duration do not say them
  --quick               the same as --scale ${QUICK_SCALE}: shows that everything works, measures nothing
  --url URL             a running Boxoffice; needs --database-url and a secret
  --database-url URL    its database: the stage is set there, and the audit reads it
  --jwt-secret SECRET   what its tokens are signed with; better in ${SECRET_VARIABLE}, which no list shows
  --allow-remote        without it, hosts other than this machine are refused
  --redis auto|none     none starts without Redis, on PostgreSQL alone (auto)
  --profile             CPU profiles of the processes
  --out DIR             where reports go (${DEFAULT_OUT}/)
  --compare A.json B.json
                        compares two results; sends nothing
  --help                this text

Scenarios:
${list.join('\n')}`

/** The usage is longer than a small terminal, and what is wrong would be above its edge. */
export const SEE_HELP = 'npm run flood -- --help tells all options and scenarios.'

const OPTIONS = {
  scenario: TEXT,
  rate: TEXT,
  duration: TEXT,
  clients: TEXT,
  seed: TEXT,
  scale: TEXT,
  quick: FLAG,
  url: TEXT,
  'database-url': TEXT,
  'jwt-secret': TEXT,
  'allow-remote': FLAG,
  redis: TEXT,
  profile: FLAG,
  out: TEXT,
  compare: TEXT,
  help: FLAG,
} as const

const names = z.string().transform((text, context): readonly Scenario[] => {
  if (text === 'all') return SCENARIOS
  return text.split(',').flatMap((name) => {
    const found = SCENARIOS.find((scenario) => scenario.name === name)
    if (found !== undefined) return [found]
    context.addIssue({
      code: 'custom',
      message: `there is no ${JSON.stringify(name)}; there are ${SCENARIOS.map((one) => one.name).join(', ')}`,
    })
    return []
  })
})

/** Without a host of its own, a database's URL takes one from the environment. */
const address = (protocols: readonly string[], allowRemote: boolean) =>
  z.string().transform((text, context): URL => {
    const url = URL.canParse(text) ? new URL(text) : null
    if (url === null || !protocols.includes(url.protocol)) {
      context.addIssue({ code: 'custom', message: `must be a URL starting with ${protocols.join('// or ')}//` })
      return z.NEVER
    }
    const remote = allowRemote ? [] : remoteHosts(url)
    for (const host of remote) {
      const which = host === '' ? 'names no host' : `leads to ${host}, which is not this machine`
      context.addIssue({ code: 'custom', message: `${which}: refused without --allow-remote` })
    }
    return url
  })

const schemaOf = (allowRemote: boolean) =>
  z.object({
    scenario: names.optional(),
    rate: above0(1_000_000).optional(),
    duration: above0(86_400).optional(),
    clients: whole(1, 60_000).optional(),
    seed: whole(0, 4_294_967_295).default(DEFAULT_SEED),
    scale: above0(1).optional(),
    quick: z.boolean(),
    url: address(['http:', 'https:'], allowRemote)
      .refine(({ pathname, search }) => pathname === '/' && search === '', { error: 'must have no path and no query' })
      .optional(),
    'database-url': address(['postgres:', 'postgresql:'], allowRemote).optional(),
    'jwt-secret': z
      .string()
      .min(SHORTEST_SECRET, { error: `must have at least ${SHORTEST_SECRET} characters` })
      .optional(),
    redis: z.enum(['auto', 'none'], { error: 'must be auto or none' }).default('auto'),
    profile: z.boolean(),
    out: z.string().min(1, { error: 'must name a directory' }).default(DEFAULT_OUT),
    compare: z.string().min(1, { error: 'must name a file' }).optional(),
  })

/**
 * Reads the command line. Throws a `StartupError` that names everything that is wrong, and where to read on. The
 * secret may come from the environment.
 */
export function readOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options {
  const { values, positionals } = split(args)
  if (values.help) return { kind: 'help' }
  const secret = environment[SECRET_VARIABLE]
  const fromEnvironment = values.url !== undefined && secret !== undefined && { 'jwt-secret': secret }
  const given = { ...fromEnvironment, ...values }
  const parsed = schemaOf(values['allow-remote']).safeParse(given)
  const problems = [...sentencesOf(parsed.error), ...contradictions(given, positionals)]
  if (!parsed.success || problems.length > 0) throw new StartupError(`${problems.join('\n')}\n\n${SEE_HELP}`)
  const { data } = parsed
  if (data.compare !== undefined) return { kind: 'compare', a: data.compare, b: positionals[0] ?? '', out: data.out }
  const scale = data.quick ? QUICK_SCALE : data.scale
  return {
    kind: 'run',
    scenarios: data.scenario ?? [],
    size: {
      ...(data.rate !== undefined && { rate: data.rate }),
      ...(data.duration !== undefined && { durationMs: data.duration * 1_000 }),
      ...(data.clients !== undefined && { clients: data.clients }),
      ...(scale !== undefined && { scale }),
    },
    seed: data.seed,
    remote: remoteOf(data),
    redis: data.redis,
    profile: data.profile,
    out: data.out,
  }
}

type Values = ReturnType<typeof split>['values']

const split = (args: readonly string[]) => splitCommandLine(args, OPTIONS, SEE_HELP)

/** What is wrong with the options beside each other. */
function contradictions(values: Values, positionals: readonly string[]): string[] {
  const problems: string[] = []
  const compared = values.compare !== undefined
  if (compared && positionals.length !== 1) problems.push('--compare: takes two files')
  if (!compared) problems.push(...positionals.map((text) => `${JSON.stringify(text)} is not understood`))
  if (compared === (values.scenario !== undefined))
    problems.push('--scenario or --compare: one of them is needed, and only one')
  if (values.quick && values.scale !== undefined) problems.push('--quick and --scale: only one of them can be given')
  if (values.url !== undefined) {
    if (values['database-url'] === undefined) problems.push('--database-url: is required with --url')
    if (values['jwt-secret'] === undefined) problems.push(`--jwt-secret or ${SECRET_VARIABLE}: is required with --url`)
    if (values.profile) problems.push('--profile: only what is started here can be profiled, not what runs at --url')
    if (values.redis !== undefined) problems.push('--redis: what runs at --url has chosen already')
  } else {
    for (const name of ['database-url', 'jwt-secret'] as const) {
      if (values[name] !== undefined) problems.push(`--${name}: goes with --url`)
    }
  }
  return problems
}

function remoteOf(data: z.infer<ReturnType<typeof schemaOf>>): UrlOptions | null {
  const { url, 'database-url': databaseUrl, 'jwt-secret': jwtSecret } = data
  if (url === undefined || databaseUrl === undefined || jwtSecret === undefined) return null
  return { url: url.origin, databaseUrl: databaseUrl.href, jwtSecret }
}
