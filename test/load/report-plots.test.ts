import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawLinePlot, type LinePlot, type Point } from '../../apps/load/src/report/line-plot.ts'
import type { Markup } from '../../apps/load/src/report/markup.ts'
import { renderPage } from '../../apps/load/src/report/page.ts'
import { plotsOf } from '../../apps/load/src/report/run-plots.ts'
import { drawSeatMap, soldPeriods } from '../../apps/load/src/report/seat-map.ts'
import { findMarkupProblems } from './markup-check.ts'
import { givenSeatMap, givenResults } from './report-fixture.ts'

const plotOf = (points: readonly Point[], x: LinePlot['x'] = 'seconds'): LinePlot => ({
  id: 'plot',
  title: 'A plot',
  x,
  y: { label: 'ms', whole: false },
  series: [{ name: 'one', style: 0, points }],
})

const problemsOf = (drawing: Markup): string[] => findMarkupProblems(renderPage('A test', [drawing]))

/** Returns the lines of the wide drawing. */
function linesOf({ markup }: Markup): string[] {
  const wide = markup.slice(markup.indexOf('<svg class="wide"'), markup.indexOf('<svg class="narrow"'))
  return [...wide.matchAll(/class="line[^"]*" d="([^"]*)"/g)].map(([, path = '']) => path)
}

describe('a line plot', () => {
  it('goes from the lower left to the upper right for what grows to a tick', () => {
    const [line = ''] = linesOf(
      drawLinePlot(
        plotOf([
          [0, 0],
          [10, 50],
        ]),
      ),
    )
    expect(line).toBe('M28 238L542 26')
  })

  it('has a gap where nothing was measured, and a dot for what stands alone', () => {
    const [line = '', dot = ''] = linesOf(
      drawLinePlot(
        plotOf([
          [0, 5],
          [1, 6],
          [2, null],
          [3, 7],
          [4, null],
          [5, 8],
          [6, 9],
        ]),
      ),
    )
    expect(line.match(/M/g)).toHaveLength(2)
    expect(dot).toMatch(/^M[\d.]+ [\d.]+h0$/)
  })

  it.each<[string, readonly Point[]]>([
    ['no point', []],
    ['nothing but gaps', [[0, null]]],
    ['nothing but what is no number', [[0, Number.NaN]]],
  ])('says so where it has %s', (_, points) => {
    const drawing = drawLinePlot(plotOf(points))
    expect(problemsOf(drawing)).toEqual([])
    expect(drawing.markup).toContain('Nothing was measured.')
    expect(linesOf(drawing)).toEqual([])
  })

  it.each<[string, readonly Point[]]>([
    ['one point', [[0, 3]]],
    [
      'zeros',
      [
        [0, 0],
        [1, 0],
      ],
    ],
  ])('draws %s', (_, points) => {
    const drawing = drawLinePlot(plotOf(points))
    expect(problemsOf(drawing)).toEqual([])
    expect(linesOf(drawing)).toHaveLength(1)
  })

  it('tells whoever does not see it what is highest and what is last', () => {
    const { markup } = drawLinePlot(
      plotOf([
        [0, 5],
        [7, 2_100],
        [9, 12.25],
      ]),
    )
    expect(markup).toContain('In ms, over seconds from the start. one: highest 2,100 at 7 s, last 12.3 at 9 s.')
    expect(markup.match(/role="img"/g)).toHaveLength(2)
  })

  it('leaves the 100th percentile out, for which there is no place, and ends at a nine', () => {
    const drawing = drawLinePlot(
      plotOf(
        [
          [0, 1],
          [90, 2],
          [99.95, 3],
          [100, 4],
        ],
        'percentiles',
      ),
    )
    expect(problemsOf(drawing)).toEqual([])
    expect(drawing.markup).toContain('>99.99</text>')
    expect(drawing.markup).not.toContain('>99.999</text>')
    expect(linesOf(drawing)[0]?.match(/[ML]/g)).toHaveLength(3)
  })

  it('stays within its frame, whatever was measured', () => {
    const value = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }))
    const points = fc.array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), value), { maxLength: 30 })
    fc.assert(
      fc.property(points, fc.constantFrom('seconds', 'percentiles'), (unsorted, x) => {
        const drawing = drawLinePlot(
          plotOf(
            unsorted.toSorted(([a], [b]) => a - b),
            x,
          ),
        )
        expect(problemsOf(drawing)).toEqual([])
        for (const path of linesOf(drawing)) {
          for (const [, across, up] of path.matchAll(/([-\d.]+) ([-\d.]+)/g)) {
            expect(Number(across)).toBeGreaterThanOrEqual(0)
            expect(Number(across)).toBeLessThanOrEqual(542)
            expect(Number(up)).toBeGreaterThanOrEqual(26)
            expect(Number(up)).toBeLessThanOrEqual(238)
          }
        }
      }),
    )
  })
})

describe('the plots of a run', () => {
  const seriesOf = (results: Parameters<typeof plotsOf>[0], id: string, name: string) =>
    plotsOf(results)
      .find((plot) => plot.id === id)
      ?.series.find((series) => series.name === name)?.points

  it('take decisions from the database, whose count grows, as a rate', () => {
    const samples = [
      { second: 1, inLine: 3, decided: 100 },
      { second: 3, inLine: 2, decided: 500 },
      { second: 4, inLine: 0, decided: 500 },
    ]
    expect(seriesOf(givenResults({ samples }), 'throughput', 'decided')).toEqual([
      [1, 100],
      [3, 200],
      [4, 0],
    ])
  })

  it('take decisions from the clients where nobody looked into the database', () => {
    const results = givenResults({ samples: [] }, 3)
    expect(seriesOf(results, 'throughput', 'decided')).toEqual(
      results.outcome.ticks.map(({ second, decided }) => [second, decided]),
    )
  })

  it('have one of reads only where something was read', () => {
    const results = givenResults()
    const ticks = results.outcome.ticks.map((tick) => ({ ...tick, reads: 0 }))
    const ids = (run: Parameters<typeof plotsOf>[0]) => plotsOf(run).map(({ id }) => id)
    expect(ids(results)).toContain('reads')
    expect(ids(givenResults({ outcome: { ...results.outcome, ticks } }))).not.toContain('reads')
  })
})

describe('a seat map', () => {
  const seat = (label: string, soldMs: number | null) => ({ label, x: 0, y: 0, soldMs })

  it('has each sold seat in one period, in order, and as many in each as can be', () => {
    const seats = Array.from({ length: 600 }, (_, index) => seat(`A${index}`, index ** 2))
    const periods = soldPeriods(seats)
    expect(periods.map((period) => period.seats.length)).toEqual([100, 100, 100, 100, 100, 100])
    expect(periods.map(({ fromMs }) => fromMs)).toEqual([0, 99, 199, 299, 399, 499].map((index) => index ** 2))
    expect(periods.flatMap((period) => period.seats)).toEqual(seats)
  })

  it('keeps together what was sold in the same instant', () => {
    const seats = [seat('A1', 5), seat('A2', null), seat('A3', 5), seat('A4', 5), seat('A5', 9)]
    expect(soldPeriods(seats).map((period) => period.seats.map(({ label }) => label))).toEqual([
      ['A1', 'A3', 'A4'],
      ['A5'],
    ])
    expect(soldPeriods([seat('A1', null)])).toEqual([])
  })

  it('names every seat and when it was sold', () => {
    const drawing = drawSeatMap(givenSeatMap(3, 4), 'seats')
    expect(problemsOf(drawing)).toEqual([])
    expect(drawing.markup.match(/<path d="[^"]*"><title>/g)).toHaveLength(12)
    expect(drawing.markup).toContain('<title>A1: sold at ')
  })

  it('draws an arena of 20,000 in less than a megabyte', () => {
    const drawing = drawSeatMap(givenSeatMap(100, 200), 'seats')
    expect(problemsOf(drawing)).toEqual([])
    expect(drawing.markup.match(/h0\.8v0\.8h-0\.8z/g)).toHaveLength(20_000)
    expect(drawing.markup.length).toBeLessThan(1_000_000)
  })

  it.each([
    ['no seats', []],
    ['one seat, not sold', [seat('A1', null)]],
    ['one seat, sold at once', [seat('A1', 0)]],
  ])('draws a house with %s', (_, seats) => {
    const drawing = drawSeatMap({ title: 'A house', seats }, 'seats')
    expect(problemsOf(drawing)).toEqual([])
    expect(drawing.markup).toContain('A house')
  })
})
