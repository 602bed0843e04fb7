import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatSummary } from '../../apps/load/src/report/summary.ts'
import { judge } from '../../apps/load/src/report/verdict.ts'
import { renderReport } from '../../apps/load/src/report/render-report.ts'
import { SCENARIOS } from '../../apps/load/src/scenarios/index.ts'
import { runScenario } from '../../apps/load/src/scenarios/scenario.ts'
import { startEmbedded } from '../../apps/load/src/target/embedded.ts'
import type { Target } from '../../apps/load/src/target/target.ts'
import { hasRedis } from '../support/redis.ts'
import { findMarkupProblems } from './markup-check.ts'

/**
 * Time limit of one scenario, on a machine that is busy with other tests: the longest starts sixteen pairs of
 * processes.
 */
const RUN_MS = 180_000
const QUICK = 0.02

/** Half of all scenarios by the time that they take, so that two files of them end at about the same time. */
export const FIRST_HALF: readonly string[] = [
  'showtime',
  'event',
  'intake',
  'backlog',
  'scaling',
  'waiting',
  'start-up',
]

/** Rates that were measured, where they are the first column. */
const RATES = ['decided/s', 'accepted/s', 'answers/s']

/** Runs each of the benchmark's scenarios small. They are many processes: two files of them run beside each other. */
export function describeSmallRuns(isWanted: (name: string) => boolean): void {
  describe.runIf(hasRedis())('a scenario of the benchmark, small', () => {
    let target: Target | undefined

    beforeAll(async () => {
      const servers = { parent: tmpdir(), redis: 'required', statementStatistics: false, warmLog: false } as const
      target = await startEmbedded({ ...servers, profileDirectory: null })
    })

    afterAll(async () => {
      await target?.stop()
    })

    it.each(SCENARIOS.bench.filter(({ name }) => isWanted(name)).map((scenario) => [scenario.name, scenario] as const))(
      '%s measures something, and finds nothing wrong',
      async (_name, scenario) => {
        if (target === undefined) throw new Error('there are no servers')
        const results = await runScenario('bench', scenario, {
          target,
          asked: { seed: 1, scale: QUICK },
          onProgress: () => {},
          say: () => {},
          interrupted: Promise.withResolvers<never>().promise,
        })
        expect(judge(results).problems).toEqual([])
        expect(results.verification.checks.length).toBeGreaterThan(20)
        expect(results.tables.length).toBeGreaterThan(0)
        for (const { header, rows } of results.tables) {
          expect(rows.length).toBeGreaterThan(0)
          const column = header.findIndex((name) => RATES.includes(name))
          if (column >= 0) for (const row of rows) expect(Number(row[column])).toBeGreaterThan(0)
        }
        // Rates and ratios of so short a run may come to nothing on a busy machine, and memory to less.
        expect(results.aims.filter(({ value }) => !Number.isFinite(value))).toEqual([])
        expect(results.aims.length).toBeGreaterThan(0)
        const summary = formatSummary(results)
        expect(summary).toContain(`${scenario.name}: Verified: `)
        expect(summary).not.toContain('reached)')
        expect(findMarkupProblems(renderReport(results))).toEqual([])
      },
      RUN_MS,
    )
  })
}
