import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { StartupError } from '@boxoffice/core/runtime/startup-error.ts'
import { readResults } from '../../apps/load/src/results/read-results.ts'
import { formatSummary } from '../../apps/load/src/report/summary.ts'
import { judge } from '../../apps/load/src/report/verdict.ts'
import { writeReport } from '../../apps/load/src/report/write-report.ts'
import { givenEmptyResults, givenResults, givenStream } from './report-fixture.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'boxoffice-flood-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

describe('the files of a run', () => {
  it('are named by the start and the scenario, in a directory that is made', async () => {
    const out = join(directory, 'new', 'results')
    const { json, html } = await writeReport(givenResults(), out)
    expect(json).toBe(join(out, '2026-03-04T05-06-07.890Z-hot-showtime.json'))
    expect(html).toBe(join(out, '2026-03-04T05-06-07.890Z-hot-showtime.html'))
    expect(await readFile(html, 'utf8')).toContain('<h1>Flood: hot-showtime</h1>')
  })

  it('do not leave their directory, whatever the scenario is called', async () => {
    await writeReport(givenResults({ scenario: '../../etc/x' }), directory)
    expect((await readdir(directory)).toSorted()).toEqual([
      '2026-03-04T05-06-07.890Z-.._.._etc_x.html',
      '2026-03-04T05-06-07.890Z-.._.._etc_x.json',
    ])
  })

  it.each([
    ['everything in it', givenResults()],
    ['nothing in it', givenEmptyResults()],
  ])('are read as they were written, with %s', async (_, results) => {
    const { json } = await writeReport(results, directory)
    expect(await readResults(json)).toEqual(results)
  })
})

describe('a file that is not the result of a run', () => {
  const whole = givenResults()

  it.each([
    ['{', 'is not JSON: '],
    ['{"scenario":"x"}', 'is not the result of a run: format: '],
    ['[]', 'is not the result of a run: '],
    [JSON.stringify({ ...whole, format: 1 }), 'is not the result of a run: format: '],
    [
      JSON.stringify({ ...whole, samples: [{ second: 0, inLine: 'many', decided: 0 }] }),
      'is not the result of a run: samples.0.inLine: ',
    ],
    // What JSON makes of NaN.
    [
      JSON.stringify({ ...whole, size: { ...whole.size, clients: Number.NaN } }),
      'is not the result of a run: size.clients: ',
    ],
  ])('is refused in one sentence: %.40s', async (text, reason) => {
    const path = join(directory, 'results.json')
    await writeFile(path, text)
    const refused: unknown = await readResults(path).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(StartupError)
    expect(String(refused)).toContain(`${path} ${reason}`)
    expect(String(refused)).not.toContain('\n')
  })

  it('is refused where there is none', async () => {
    const path = join(directory, 'missing.json')
    await expect(readResults(path)).rejects.toThrow(StartupError)
    await expect(readResults(path)).rejects.toThrow(`${path} cannot be read: ENOENT`)
  })
})

describe('the verdict', () => {
  const problemsOf = (...changes: Parameters<typeof givenResults>) => judge(givenResults(...changes)).problems
  const { outcome } = givenResults()

  it('is good where the database was verified and nothing found, and all was answered', () => {
    expect(judge(givenResults())).toMatchObject({ good: true, problems: [], warnings: [] })
  })

  it.each<[string, string, Parameters<typeof givenResults>[0]]>([
    ['that was not verified', 'The database was not verified.', { verification: { checks: [], violations: [] } }],
    [
      'with a check that found something, though nobody said so',
      '2 seats booked twice',
      { verification: { checks: [{ what: 'seats booked twice', bad: 2 }], violations: [] } },
    ],
    [
      'with a violation',
      'Order was not kept.',
      { verification: { checks: [{ what: 'x', bad: 0 }], violations: ['Order was not kept.'] } },
    ],
    [
      'with failed requests',
      'buyers: 1 request failed, such as: 500',
      { outcome: { ...outcome, streams: [givenStream({ errors: 1, errorSamples: ['500'] })] } },
    ],
    [
      'that sent nothing',
      'Nothing was sent: this run shows nothing.',
      { outcome: { ...outcome, streams: [givenStream({ sent: 0 })] } },
    ],
  ])('is not good for a run %s', (_, problem, changes) => {
    expect(problemsOf(changes)).toEqual([problem])
    expect(judge(givenResults(changes)).good).toBe(false)
  })

  it('warns of what makes figures doubtful, and calls none of it wrong', () => {
    const { good, warnings } = judge(
      givenResults({
        machine: null,
        size: { ...givenResults().size, scale: 0.02 },
        outcome: {
          ...outcome,
          streams: [givenStream({ unsent: 1, undecided: 7 })],
          ownLag: { ...outcome.ownLag, p99: 25 },
        },
      }),
    )
    expect(good).toBe(true)
    expect(warnings.map((warning) => warning.split(/[:,.] /)[0])).toEqual([
      '1 arrival was not sent',
      '7 accepted requests had no outcome when the generator stopped waiting',
      'The generator itself was up to 25 ms late (p99)',
      'A run at scale 0.02',
      'A run against a URL',
    ])
  })
})

describe('the summary for the terminal', () => {
  it('has the verdict first and the figures below', () => {
    const lines = formatSummary(givenResults()).split('\n')
    expect(lines[0]).toBe('hot-showtime: Verified: 2 checks, nothing found.')
    expect(lines).toContain(
      'accepted/s 988, decided/s 1,235, booked 150, refused 2,845, longest line 400, unsent 0, generator own lag p99 1.4 ms',
    )
    expect(lines).toContain('refused: seat_unavailable 2,801, sold_out 44')
    expect(lines).toContain('buyers: total   2,995   33   131   211  290')
  })

  it('stays short when much is wrong with many streams', () => {
    const streams = Array.from({ length: 12 }, (_, index) =>
      givenStream({ name: `stream-${index}`, errors: 1, unsent: 1, undecided: 1 }),
    )
    const { outcome } = givenResults()
    const summary = formatSummary(givenResults({ machine: null, outcome: { ...outcome, streams } }))
    expect(summary.split('\n').length).toBeLessThanOrEqual(28)
    expect(summary).toContain('  ! and 7 more, in the report')
  })

  it('says that nothing was measured', () => {
    const summary = formatSummary(givenEmptyResults())
    expect(summary).toContain('No latency was measured.')
    expect(summary).toContain('longest line –, unsent 0, generator own lag p99 –')
  })
})
