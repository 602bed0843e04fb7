import { describe, expect, it } from 'vitest'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { readOptions, SCENARIOS, USAGE } from '../../apps/bench/src/options.ts'

/** What is wrong with a command line; the pointer that follows is left out. */
function problemsOf(...args: string[]): string[] {
  try {
    readOptions(args)
  } catch (error) {
    if (error instanceof StartupError) return error.message.split('\n\n')[0]?.split('\n') ?? []
    throw error
  }
  return []
}

describe("the benchmark's command line", () => {
  it('measures everything unless told otherwise', () => {
    expect(readOptions([])).toMatchObject({ scenarios: [...SCENARIOS], contenders: ['a', 'b', 'c'], rounds: 2 })
    expect(readOptions(['--scenario', 'event,reads', '--only', 'c', '--seconds', '2.5'])).toMatchObject({
      scenarios: ['event', 'reads'],
      contenders: ['c'],
      measuredMs: 2_500,
    })
  })

  it('takes what is given over what --quick says', () => {
    expect(readOptions(['--quick', '--clients', '40'])).toMatchObject({ clients: 40, rounds: 1, warmUpMs: 500 })
  })

  it('tells how it is used', () => {
    expect(readOptions(['--help'])).toBeNull()
    for (const scenario of SCENARIOS) expect(USAGE).toContain(scenario)
  })

  it('says everything that is wrong, each in a sentence', () => {
    const wrong = ['--scenario', 'event,evnet', '--only', 'd', '--seconds', '', '--clients', '-5', '--rounds', '1.5']
    expect(problemsOf(...wrong, '--dir', '', 'more')).toEqual([
      `--scenario: there is no "evnet"; there are ${SCENARIOS.join(', ')}`,
      '--only: there is no "d"; there are a, b, c',
      '--seconds: must be a number from 1 to 600, not ""',
      '--clients: must be a whole number from 1 to 5,000, not "-5"',
      '--rounds: must be a whole number from 1 to 20, not "1.5"',
      '--dir: must name a directory',
      '"more" is not understood',
    ])
    expect(problemsOf('--nope')).toEqual(["Unknown option '--nope'."])
    expect(problemsOf('--seconds')).toHaveLength(1)
  })
})
