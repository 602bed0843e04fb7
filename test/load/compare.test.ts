import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { writeComparison } from '../../apps/load/src/report/compare.ts'
import { compareFigures, differencesOf } from '../../apps/load/src/report/comparison.ts'
import type { Results } from '../../apps/load/src/results/results.ts'
import { writeReport } from '../../apps/load/src/report/write-report.ts'
import { findMarkupProblems } from './markup-check.ts'
import { givenEmptyResults, givenResults, givenStream, NO_LATENCY } from './report-fixture.ts'

const withStreams = (...streams: readonly ReturnType<typeof givenStream>[]): Results =>
  givenResults({ outcome: { ...givenResults().outcome, streams } })

const figureOf = (a: Results, b: Results, name: string) => compareFigures(a, b).find((figure) => figure.name === name)

describe('the figures of two runs', () => {
  it('are related as B to A, and the better one is named', () => {
    const a = givenResults({ decidedPerSecond: 1_000 })
    const b = givenResults({ decidedPerSecond: 1_250 })
    expect(figureOf(a, b, 'decided/s')).toMatchObject({ a: 1_000, b: 1_250, ratio: 1.25, better: 'B' })
    expect(figureOf(b, a, 'decided/s')).toMatchObject({ ratio: 0.8, better: 'A' })
  })

  it('are better when less of them is better', () => {
    const slow = withStreams(givenStream({ total: { ...NO_LATENCY, count: 10, p99: 300 } }))
    const fast = withStreams(givenStream({ total: { ...NO_LATENCY, count: 10, p99: 150 } }))
    expect(figureOf(slow, fast, 'buyers: total p99')).toMatchObject({ ratio: 0.5, better: 'B' })
    expect(figureOf(fast, slow, 'buyers: total p99')).toMatchObject({ ratio: 2, better: 'A' })
  })

  it('are alike within 2 %', () => {
    const runs = [1_000, 1_019, 1_021].map((decidedPerSecond) => givenResults({ decidedPerSecond }))
    const [a, near, far] = runs as [Results, Results, Results]
    expect(figureOf(a, near, 'decided/s')?.better).toBe('alike')
    expect(figureOf(a, far, 'decided/s')?.better).toBe('B')
  })

  it('are neither better nor worse where it depends on what was asked for', () => {
    const b = withStreams(givenStream({ booked: 300 }))
    expect(figureOf(givenResults(), b, 'booked')).toMatchObject({ a: 150, b: 300, ratio: 2, better: null })
  })

  it('have no ratio to 0 and to nothing', () => {
    const none = givenResults({ decidedPerSecond: 0 })
    expect(figureOf(none, givenResults(), 'decided/s')).toMatchObject({ ratio: null, better: 'B' })
    expect(figureOf(none, none, 'decided/s')).toMatchObject({ ratio: null, better: 'alike' })
    const empty = givenEmptyResults()
    expect(figureOf(givenResults(), empty, 'buyers: total p99')).toMatchObject({ b: null, ratio: null, better: null })
  })

  it('name no winner over a run that sent nothing', () => {
    const figures = compareFigures(givenEmptyResults(), givenResults())
    expect(figures.filter(({ better }) => better !== null)).toEqual([])
  })

  it('say how many measurements a percentile rests on', () => {
    const few = withStreams(givenStream({ total: { ...NO_LATENCY, count: 12, p99: 300 } }))
    expect(figureOf(few, givenResults(), 'buyers: total: measured')).toMatchObject({ a: 12, b: 2_995, better: null })
  })

  it('include what only one of the runs has, the second run’s last', () => {
    const figures = compareFigures(givenResults(), withStreams(givenStream(), givenStream({ name: 'phone' })))
    expect(figures.at(-1)).toMatchObject({ name: 'phone: total max', a: null, b: 290 })
    expect(figures.filter(({ name }) => name === 'buyers: total max')).toHaveLength(1)
  })
})

describe('what makes two runs incomparable', () => {
  const a = givenResults()

  it('is nothing for two runs of the same', () => {
    expect(differencesOf(a, givenResults({ startedAt: '2026-03-05T00:00:00.000Z' }))).toEqual([])
  })

  it('is not a commit: this is what one compares', () => {
    const machine = a.machine === null ? null : { ...a.machine, commit: 'another', date: 'another', syncMs: 9 }
    expect(differencesOf(a, givenResults({ machine }))).toEqual([])
  })

  it.each<[Partial<Results>, string]>([
    [{ command: 'bench' }, 'The commands differ: flood and bench.'],
    [{ scenario: 'arena' }, 'The scenarios differ: hot-showtime and arena.'],
    [{ seed: 43 }, 'The seeds differ, so the crowds do: 42 and 43.'],
    [{ size: { ...a.size, scale: 0.5 } }, 'The scales differ: 1 and 0.5.'],
    [{ size: { ...a.size, rate: 1 } }, 'The arrivals per second differ: 150 and 1.'],
    [{ size: { ...a.size, durationMs: 1_500 } }, 'The seconds that were measured differ: 20 and 1.5.'],
    [{ size: { ...a.size, clients: 1 } }, 'The clients differ in number: 500 and 1.'],
    [{ machine: null }, 'Not both runs say on what machine they were.'],
    [{ machine: a.machine === null ? null : { ...a.machine, cores: 16 } }, 'The machines differ in cores: 2 and 16.'],
  ])('is that %j', (changes, sentence) => {
    expect(differencesOf(a, givenResults(changes))).toEqual([sentence])
  })
})

describe('a comparison', () => {
  let directory: string

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'boxoffice-flood-'))
  })

  afterEach(async () => {
    await rm(directory, { recursive: true })
  })

  async function write(results: Results): Promise<string> {
    const { json } = await writeReport(results, directory)
    return json
  }

  it('puts both runs on one page and in one text', async () => {
    const a = await write(givenResults())
    const b = await write(givenResults({ startedAt: '2026-03-05T00:00:00.000Z', seed: 7, decidedPerSecond: 2_469 }))
    const { html, text } = await writeComparison(a, b, join(directory, 'new'))
    const page = await readFile(html, 'utf8')
    expect(findMarkupProblems(page)).toEqual([])
    expect(page).toContain('<th scope="row">decided/s</th><td>1,235</td><td>2,469</td><td>×2.00</td><td>B</td>')
    expect(page).toContain('The seeds differ, so the crowds do: 42 and 7.')
    expect(page.match(/class="line s1" d="M[^H"]*L/g)?.length).toBeGreaterThanOrEqual(8 * 2)
    expect(text.split('\n')[0]).toBe('A: hot-showtime: Verified: 2 checks, nothing found.')
    expect(text).toMatch(/^decided\/s +1,235 +2,469 +×2\.00 +B$/m)
    expect(text).toContain('The seeds differ, so the crowds do: 42 and 7.')
  })

  it.each<[string, Results]>([
    ['nothing', { ...givenEmptyResults(), startedAt: '2026-03-05T00:00:00.000Z' }],
    ['another scenario', givenResults({ scenario: 'arena', seatMap: null }, 1)],
    ['a violation', givenResults({ seed: 1, verification: { checks: [], violations: ['<script>alert(1)</script>'] } })],
  ])('can be of a run with %s', async (_, other) => {
    const [a, b] = [join(directory, 'a.json'), join(directory, 'b.json')]
    await writeFile(a, JSON.stringify(givenResults()))
    await writeFile(b, JSON.stringify(other))
    for (const pair of [
      [a, b],
      [b, a],
    ] as const) {
      const { html } = await writeComparison(...pair, directory)
      expect(findMarkupProblems(await readFile(html, 'utf8'))).toEqual([])
    }
  })

  it('is refused where one of the files is not the result of a run', async () => {
    const a = await write(givenResults())
    const b = join(directory, 'b.json')
    await writeFile(b, '{}')
    await expect(writeComparison(a, b, directory)).rejects.toThrow(StartupError)
  })
})
