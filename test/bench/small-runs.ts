import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeMachine } from '@boxoffice/load-rig/machine.ts'
import { type Stack, startStack } from '@boxoffice/load-rig/stack.ts'
import { signCustomers } from '@boxoffice/load-rig/tokens.ts'
import { type Options, readOptions, type Scenario } from '../../apps/bench/src/options.ts'
import { findProblems, formatReport, type Results } from '../../apps/bench/src/report.ts'
import { runScenario } from '../../apps/bench/src/run-scenario.ts'
import { hasRedis } from '../support/redis.ts'

/** Of one scenario, on a machine that is busy with other tests: the longest starts sixteen pairs of processes. */
const RUN_MS = 180_000

const options = quickOptions()

function quickOptions(): Options {
  const read = readOptions(['--quick'])
  if (read === null) throw new Error('the usage was asked for')
  return read
}

/** Runs each of these scenarios small. They are many processes: two files of them run beside each other. */
export function describeSmallRuns(scenarios: readonly Scenario[]): void {
  describe.runIf(hasRedis())('a scenario of the benchmark, small', () => {
    let stack: Stack | undefined
    let tokens: readonly string[]

    beforeAll(async () => {
      stack = await startStack({ parent: options.parent, statementStatistics: false, warmLog: false })
      tokens = await signCustomers(options.clients)
    })

    afterAll(async () => {
      await stack?.stop()
    })

    it.each(scenarios)(
      '%s measures something, and finds nothing wrong',
      async (scenario) => {
        if (stack === undefined) throw new Error('there are no servers')
        const results: Results = { machine: await describeMachine(stack), options }
        await runScenario({ stack, options, tokens, profileDirectory: null, say: () => {} }, scenario, results)
        expect(findProblems(results)).toEqual([])
        const { machine: _machine, options: _options, figures, ...runs } = results
        expect(measured({ ...figures, ...runs })).toEqual([scenario])
        for (const { aims, rows } of Object.values(figures ?? {})) {
          expect(rows.length).toBeGreaterThan(0)
          // Rates and ratios of so short a run may come to nothing on a busy machine, and memory to less.
          expect(aims.filter(({ value }) => !Number.isFinite(value))).toEqual([])
          expect(aims.length).toBeGreaterThan(0)
        }
        for (const run of Object.values(runs).flat()) {
          expect('acceptedPerSecond' in run ? run.acceptedPerSecond : run.decidedPerSecond).toBeGreaterThan(0)
        }
        const report = formatReport(results)
        expect(report).toContain('Audit: nothing oversold')
        expect(report).not.toContain('reached)')
      },
      RUN_MS,
    )
  })
}

const measured = (parts: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(parts).filter((name) => parts[name] !== undefined)
