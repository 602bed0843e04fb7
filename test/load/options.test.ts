import { describe, expect, it } from 'vitest'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { isLoopback, remoteHosts } from '../../apps/load/src/options/hosts.ts'
import { readOptions } from '../../apps/load/src/options/read-options.ts'
import { seeHelp, usageOf } from '../../apps/load/src/options/usage.ts'
import { SCENARIOS } from '../../apps/load/src/scenarios/index.ts'
import type { Command } from '../../apps/load/src/scenarios/scenario.ts'

const SECRET = 'a-secret-of-thirty-two-characters'
const DATABASE = 'postgres://127.0.0.1/staging'

const read = (...args: string[]) => readOptions('flood', args, {})
const readBench = (...args: string[]) => readOptions('bench', args, {})

/** Tells what is wrong with a command line; the pointer that follows is left out. */
function problemsOf(
  args: readonly string[],
  environment: Record<string, string> = {},
  command: Command = 'flood',
): string[] {
  try {
    readOptions(command, args, environment)
  } catch (error) {
    if (error instanceof StartupError) return error.message.replace(`\n\n${seeHelp(command)}`, '').split('\n')
    throw error
  }
  return []
}

const atUrl = (url: string, ...more: string[]) => [
  '--scenario',
  'on-sale',
  '--url',
  url,
  '--database-url',
  DATABASE,
  '--jwt-secret',
  SECRET,
  ...more,
]

describe('the command line', () => {
  it('takes one scenario, several, or all', () => {
    const named = (text: string) => {
      const options = read('--scenario', text)
      return options.kind === 'run' ? options.scenarios.map(({ name }) => name) : []
    }
    expect(named('arena')).toEqual(['arena'])
    expect(named('bots,arena')).toEqual(['bots', 'arena'])
    expect(named('all')).toEqual(SCENARIOS.flood.map(({ name }) => name))
  })

  it('leaves to the scenario what is not said', () => {
    expect(read('--scenario', 'arena')).toMatchObject({
      kind: 'run',
      asked: { seed: 1 },
      remote: null,
      servers: { redis: 'auto', statementStatistics: false, warmLog: true },
      profile: false,
    })
  })

  it('reads sizes, seconds as milliseconds', () => {
    const options = read('--scenario', 'arena', '--rate', '12.5', '--duration', '3', '--clients', '7', '--scale', '0.5')
    expect(options).toMatchObject({ asked: { rate: 12.5, durationMs: 3_000, clients: 7, scale: 0.5 } })
    expect(read('--scenario', 'arena', '--quick')).toMatchObject({
      asked: { scale: 0.02 },
      servers: { warmLog: false },
    })
  })

  it('asks for the usage, which lists every scenario', () => {
    expect(read('--help')).toEqual({ kind: 'help' })
    for (const command of ['bench', 'flood'] as const) {
      for (const { name, about } of SCENARIOS[command]) {
        expect(usageOf(command)).toMatch(new RegExp(`^  ${name} +${about.slice(0, 20)}`, 'm'))
      }
    }
  })

  it('compares two files', () => {
    expect(read('--compare', 'a.json', 'b.json', '--out', 'there')).toEqual({
      kind: 'compare',
      a: 'a.json',
      b: 'b.json',
      out: 'there',
    })
    expect(problemsOf(['--compare', 'a.json'])).toEqual(['--compare: takes two files'])
    expect(problemsOf(['--compare', 'a.json', 'b.json', 'c.json'])).toEqual(['--compare: takes two files'])
  })

  it('names everything that is wrong at once', () => {
    const problems = problemsOf([
      '--scenario',
      'opera',
      '--rate',
      'fast',
      '--clients',
      '0',
      '--scale',
      '2',
      '--quick',
      '--database-url',
      DATABASE,
      'x',
    ])
    const wanted = ['--scenario', '--rate', '--clients', '--scale', '"x"', '--quick and --scale', '--database-url']
    for (const start of wanted) expect(problems.some((problem) => problem.startsWith(start))).toBe(true)
    expect(problems).toHaveLength(wanted.length)
  })

  it.each([
    [['--rate', 'abc'], '--rate: must be a number above 0 and at most 1,000,000, not "abc"'],
    [['--rate', '0'], '--rate: must be a number above 0 and at most 1,000,000, not "0"'],
    [['--duration', ''], '--duration: must be a number above 0 and at most 86,400, not ""'],
    [['--duration', 'Infinity'], '--duration: must be a number above 0 and at most 86,400, not "Infinity"'],
    [['--clients', '1.5'], '--clients: must be a whole number from 1 to 60,000, not "1.5"'],
    [['--seed=-1'], '--seed: must be a whole number from 0 to 4,294,967,295, not "-1"'],
    [['--scale', '2'], '--scale: must be a number above 0 and at most 1, not "2"'],
    [['--redis', 'maybe'], '--redis: must be auto or none'],
    [['--out', ''], '--out: must name a directory'],
    [['--speed', '9'], "Unknown option '--speed'."],
    [['--rate', '-5'], '--rate: must be a number above 0 and at most 1,000,000, not "-5"'],
    [['--out', '--quick'], "Option '--out' argument is ambiguous."],
  ])('says of %j in plain words what it takes', (args, says) => {
    expect(problemsOf(['--scenario', 'arena', ...args])).toEqual([says])
  })

  it('needs something to do', () => {
    expect(problemsOf([])).toEqual(['--scenario or --compare: one of them is needed, and only one'])
    expect(problemsOf(['--scenario', 'arena', '--compare', 'a', 'b'])).toEqual([
      '--scenario or --compare: one of them is needed, and only one',
    ])
  })

  it('needs a database and a secret for a URL, and takes the secret from the environment', () => {
    expect(problemsOf(['--scenario', 'arena', '--url', 'http://127.0.0.1:3000'])).toEqual([
      '--database-url: is required with --url',
      '--jwt-secret or FLOOD_JWT_SECRET: is required with --url',
    ])
    const args = ['--scenario', 'arena', '--url', 'http://127.0.0.1:3000', '--database-url', DATABASE]
    expect(readOptions('flood', args, { FLOOD_JWT_SECRET: SECRET })).toMatchObject({
      remote: { url: 'http://127.0.0.1:3000', databaseUrl: DATABASE, jwtSecret: SECRET },
    })
    expect(problemsOf(args, { FLOOD_JWT_SECRET: 'short' }).join()).toContain('--jwt-secret: must have at least 32')
  })

  it('refuses with a URL what only its own start can do', () => {
    expect(problemsOf(atUrl('http://localhost', '--profile', '--redis', 'none', '--dir', '/tmp'))).toHaveLength(3)
  })
})

describe("the benchmark's options", () => {
  it('are of everything unless told otherwise', () => {
    expect(readBench()).toMatchObject({
      scenarios: SCENARIOS.bench,
      asked: { seed: 1 },
      servers: { redis: 'required' },
    })
    expect(readBench('--scenario', 'event,reads', '--only', 'c', '--duration', '2.5', '--warm-up', '0')).toMatchObject({
      scenarios: [{ name: 'event' }, { name: 'reads' }],
      asked: { contenders: ['c'], durationMs: 2_500, warmUpMs: 0 },
    })
  })

  it('compare two files as well', () => {
    expect(readBench('--compare', 'a.json', 'b.json')).toMatchObject({ kind: 'compare', a: 'a.json', b: 'b.json' })
  })

  it('are read beside --quick', () => {
    expect(readBench('--quick', '--clients', '40')).toMatchObject({ asked: { clients: 40, scale: 0.02 } })
  })

  it('are wrong all at once, each in a sentence', () => {
    const wrong = ['--scenario', 'event,evnet', '--only', 'd', '--duration', '', '--clients', '-5', '--rounds', '1.5']
    expect(problemsOf([...wrong, '--dir', '', 'more'], {}, 'bench')).toEqual([
      `--scenario: there is no "evnet"; there are ${SCENARIOS.bench.map(({ name }) => name).join(', ')}`,
      '--only: there is no "d"; there are a, b, c',
      '--duration: must be a number above 0 and at most 86,400, not ""',
      '--clients: must be a whole number from 1 to 60,000, not "-5"',
      '--rounds: must be a whole number from 1 to 20, not "1.5"',
      '--dir: must name a directory',
      '"more" is not understood',
    ])
    expect(problemsOf(['--duration'], {}, 'bench')).toHaveLength(1)
  })

  it.each(['--rate', '--url', '--redis', '--nope'])('do not have %s', (option) => {
    expect(problemsOf([option, '1'], {}, 'bench')).toEqual([`Unknown option '${option}'.`])
  })
})

describe('other machines', () => {
  const REMOTE = [
    'http://tickets.example.com',
    'http://10.0.0.5:3000',
    'http://127.0.0.1.example.com',
    'http://127.0.0.1@example.com',
    'http://localhost.example.com',
    'http://[2001:db8::1]',
    'http://0.0.0.0:3000',
    'http://128.0.0.1',
  ]

  it.each(REMOTE)('are refused unless allowed: %s', (url) => {
    expect(problemsOf(atUrl(url)).join()).toContain('refused without --allow-remote')
    expect(problemsOf(atUrl(url, '--allow-remote'))).toEqual([])
  })

  it.each([
    'postgres://db.example.com/staging',
    'postgres:///staging',
    'postgres://127.0.0.1/staging?host=db.example.com',
    'postgres://127.0.0.1/staging?hostaddr=10.0.0.1',
    'postgres://127.0.0.1/staging?host=127.0.0.1,10.0.0.1',
  ])('are refused for the database too: %s', (databaseUrl) => {
    const args = [
      '--scenario',
      'arena',
      '--url',
      'http://127.0.0.1',
      '--jwt-secret',
      SECRET,
      '--database-url',
      databaseUrl,
    ]
    expect(problemsOf(args).join()).toContain('--database-url')
    expect(problemsOf([...args, '--allow-remote'])).toEqual([])
  })

  it.each(['http://127.0.0.1:3000', 'http://127.8.9.1', 'http://[::1]:3000', 'http://localhost', 'https://localhost'])(
    'are not meant by %s',
    (url) => {
      expect(problemsOf(atUrl(url))).toEqual([])
    },
  )

  it('are told apart by name alone', () => {
    expect(remoteHosts(new URL('postgres://127.0.0.1,10.0.0.1/x'))).toEqual(['10.0.0.1'])
    expect(isLoopback('/run/postgresql')).toBe(true)
    expect(isLoopback('127.0.0.1.nip.io')).toBe(false)
  })

  it('get no path: calls would go beside it', () => {
    expect(problemsOf(atUrl('http://127.0.0.1/shop')).join()).toContain('must have no path')
  })
})
