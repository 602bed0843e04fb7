import { parseArgs } from 'node:util'
import { z } from 'zod'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { SCENARIOS } from '../scenarios/index.ts'
import type { Asked, Command, Scenario } from '../scenarios/scenario.ts'
import { CONTENDERS } from '../target/contenders.ts'
import type { RemoteOptions } from '../target/remote.ts'
import type { ServerOptions } from '../target/servers.ts'
import { remoteHosts } from './hosts.ts'
import { above0, address, between, namesOf, nonEmpty, sentencesOf, whole } from './values.ts'
import {
  DEFAULT_OUT,
  DEFAULT_PARENT,
  DEFAULT_SEED,
  type OptionName,
  optionsOf,
  QUICK_SCALE,
  SECRET_VARIABLE,
  seeHelp,
} from './usage.ts'

const SHORTEST_SECRET = 32

/** The task that a command line asks for. */
export type Options =
  | { readonly kind: 'help' }
  | { readonly kind: 'compare'; readonly a: string; readonly b: string; readonly out: string }
  | RunOptions

export interface RunOptions {
  readonly kind: 'run'
  readonly scenarios: readonly Scenario[]
  readonly asked: Asked
  /** `null`: everything is started by ourselves. */
  readonly remote: RemoteOptions | null
  readonly servers: ServerOptions
  readonly profile: boolean
  readonly out: string
}

const SCHEMA = z.object({
  scenario: z.string().optional(),
  only: namesOf(CONTENDERS).optional(),
  rate: above0(1_000_000).optional(),
  duration: above0(86_400).optional(),
  'warm-up': between(0, 60).optional(),
  clients: whole(1, 60_000).optional(),
  rounds: whole(1, 20).optional(),
  requests: whole(1_000, 5_000_000).optional(),
  seed: whole(0, 4_294_967_295).default(DEFAULT_SEED),
  scale: above0(1).optional(),
  quick: z.boolean().default(false),
  url: address(['http:', 'https:'])
    .refine(({ pathname, search }) => pathname === '/' && search === '', { error: 'must have no path and no query' })
    .optional(),
  'database-url': address(['postgres:', 'postgresql:']).optional(),
  'jwt-secret': z
    .string()
    .min(SHORTEST_SECRET, { error: `must have at least ${SHORTEST_SECRET} characters` })
    .optional(),
  'allow-remote': z.boolean().default(false),
  redis: z.enum(['auto', 'none'], { error: 'must be auto or none' }).default('auto'),
  profile: z.boolean().default(false),
  dir: nonEmpty('must name a directory').default(DEFAULT_PARENT),
  out: nonEmpty('must name a directory').default(DEFAULT_OUT),
  compare: nonEmpty('must name a file').optional(),
  help: z.boolean().default(false),
} satisfies Readonly<Record<OptionName, z.ZodType>>)

type Given = Partial<Record<OptionName, string | boolean>>
type Data = z.infer<typeof SCHEMA>

/**
 * Reads the command line. Throws a `StartupError` that names everything that is wrong, and where to read on. The secret
 * may come from the environment.
 */
export function readOptions(
  command: Command,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Options {
  const { values, positionals } = split(command, args)
  if (values.help === true) return { kind: 'help' }
  const secret = environment[SECRET_VARIABLE]
  const given: Given = { ...(values.url !== undefined && secret !== undefined && { 'jwt-secret': secret }), ...values }
  const parsed = SCHEMA.safeParse(given)
  const scenarios = readScenarios(command, values)
  const problems = [
    ...scenarios.problems,
    ...sentencesOf(parsed.error),
    ...refusedHosts(given),
    ...contradictions(command, given, positionals),
  ]
  if (!parsed.success || problems.length > 0) {
    throw new StartupError(`${problems.join('\n')}\n\n${seeHelp(command)}`)
  }
  const { data } = parsed
  if (data.compare !== undefined) return { kind: 'compare', a: data.compare, b: positionals[0] ?? '', out: data.out }
  const asked = askedOf(data)
  return {
    kind: 'run',
    scenarios: scenarios.found,
    asked,
    remote: remoteOf(data),
    servers: {
      parent: data.dir,
      redis: command === 'bench' ? 'required' : data.redis,
      statementStatistics: command === 'bench' && data.profile,
      // Nobody will believe the figures of a small run.
      warmLog: asked.scale === undefined || asked.scale === 1,
    },
    profile: data.profile,
    out: data.out,
  }
}

/** Throws a `StartupError` for an option that the command does not have or that lacks its value. */
function split(command: Command, args: readonly string[]): { values: Given; positionals: readonly string[] } {
  const options = Object.fromEntries(
    optionsOf(command).map(([name, { takes }]) => [name, { type: takes === null ? 'boolean' : 'string' } as const]),
  )
  try {
    return parseArgs({ args: joinNegatives(args), allowPositionals: true, options })
  } catch (error) {
    // Node explains at length; its first sentence says what is wrong.
    const [first = ''] = error instanceof Error ? error.message.split(/\.\s/) : [String(error)]
    throw new StartupError(`${first.replace(/\.$/, '')}.\n\n${seeHelp(command)}`)
  }
}

/**
 * Turns `--rate -5` into `--rate=-5`: what begins with a minus is an option to `parseArgs`, and no option here is a
 * number.
 */
function joinNegatives(args: readonly string[]): string[] {
  const joined: string[] = []
  for (const arg of args) {
    const option = joined.at(-1)
    if (/^-\d/.test(arg) && option?.startsWith('--') === true) joined.splice(-1, 1, `${option}=${arg}`)
    else joined.push(arg)
  }
  return joined
}

/** Reads the scenarios. The benchmark measures everything unless told otherwise. */
function readScenarios(command: Command, { scenario, compare }: Given) {
  const all = SCENARIOS[command]
  const names = scenario ?? (command === 'bench' && compare === undefined ? 'all' : undefined)
  if (typeof names !== 'string') return { found: [], problems: [] }
  if (names === 'all') return { found: all, problems: [] }
  const parsed = namesOf(all.map(({ name }) => name)).safeParse(names)
  return {
    found: parsed.data?.flatMap((name) => all.filter((one) => one.name === name)) ?? [],
    problems: parsed.error?.issues.map(({ message }) => `--scenario: ${message}`) ?? [],
  }
}

/**
 * Returns a sentence for each refused host. Without a host of its own, a database's URL takes one from the environment.
 */
function refusedHosts(given: Given): string[] {
  if (given['allow-remote'] === true) return []
  return (['url', 'database-url'] as const).flatMap((name) => {
    const text = given[name]
    if (typeof text !== 'string' || !URL.canParse(text)) return []
    return remoteHosts(new URL(text)).map((host) => {
      const which = host === '' ? 'names no host' : `leads to ${host}, which is not this machine`
      return `--${name}: ${which}: refused without --allow-remote`
    })
  })
}

/** Returns a sentence for each combination of options that makes no sense. */
function contradictions(command: Command, given: Given, positionals: readonly string[]): string[] {
  const problems: string[] = []
  const compared = given.compare !== undefined
  if (compared && positionals.length !== 1) problems.push('--compare: takes two files')
  if (!compared) problems.push(...positionals.map((text) => `${JSON.stringify(text)} is not understood`))
  const named = given.scenario !== undefined
  if (compared ? named : command === 'flood' && !named) {
    problems.push('--scenario or --compare: one of them is needed, and only one')
  }
  if (given.quick === true && given.scale !== undefined) {
    problems.push('--quick and --scale: only one of them can be given')
  }
  if (given.url === undefined) {
    for (const name of ['database-url', 'jwt-secret'] as const) {
      if (given[name] !== undefined) problems.push(`--${name}: goes with --url`)
    }
    return problems
  }
  if (given['database-url'] === undefined) problems.push('--database-url: is required with --url')
  if (given['jwt-secret'] === undefined) problems.push(`--jwt-secret or ${SECRET_VARIABLE}: is required with --url`)
  if (given.profile === true)
    problems.push('--profile: only what is started here can be profiled, not what runs at --url')
  for (const name of ['redis', 'dir'] as const) {
    if (given[name] !== undefined) problems.push(`--${name}: what runs at --url has chosen already`)
  }
  return problems
}

/** Seconds become milliseconds, and what is not given is left out. */
function askedOf(data: Data): Asked {
  const { seed, rate, duration, 'warm-up': warmUp, clients, rounds, requests, only } = data
  const scale = data.quick ? QUICK_SCALE : data.scale
  return {
    seed,
    ...(rate !== undefined && { rate }),
    ...(duration !== undefined && { durationMs: duration * 1_000 }),
    ...(warmUp !== undefined && { warmUpMs: warmUp * 1_000 }),
    ...(clients !== undefined && { clients }),
    ...(rounds !== undefined && { rounds }),
    ...(requests !== undefined && { requests }),
    ...(only !== undefined && { contenders: only }),
    ...(scale !== undefined && { scale }),
  }
}

function remoteOf({ url, 'database-url': databaseUrl, 'jwt-secret': jwtSecret }: Data): RemoteOptions | null {
  if (url === undefined || databaseUrl === undefined || jwtSecret === undefined) return null
  return { url: url.origin, databaseUrl: databaseUrl.href, jwtSecret }
}
