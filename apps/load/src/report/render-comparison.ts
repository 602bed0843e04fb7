import { cellsOf, commitOf, type ComparedFigure, nameOf } from './comparison.ts'
import { describeRun, titleOf } from './describe-run.ts'
import type { Figure } from './figures.ts'
import { drawLinePlot } from './line-plot.ts'
import { type Markup, markup } from './markup.ts'
import { renderList, renderPage, renderSection, renderTable } from './page.ts'
import { renderVerdict } from './render-report.ts'
import type { Results } from '../results/results.ts'
import { plotsOfTwo } from './run-plots.ts'
import { renderMachine } from './run-tables.ts'
import { drawSeatMap } from './seat-map.ts'
import { judge } from './verdict.ts'

const GROUPS: Readonly<Record<Figure['group'], string>> = {
  aims: 'What has an aim',
  rates: 'Rates',
  times: 'Latencies',
  counts: 'Counts',
  disk: 'Written to disk',
  generator: 'From the intended to the actual time of sending',
  processes: 'Processes',
}

/** Renders two runs as a page of HTML that needs nothing but itself. */
export function renderComparison(
  a: Results,
  b: Results,
  figures: readonly ComparedFigure[],
  differences: readonly string[],
): string {
  const title = titleOf(a) === titleOf(b) ? `${titleOf(a)}, two runs` : `${titleOf(a)} and ${titleOf(b)}`
  return renderPage(title, [
    markup`<header>
<h1>${title}</h1>
<p class="quiet">A: ${describeRun(a)}, commit ${commitOf(a)}</p>
<p class="quiet">B: ${describeRun(b)}, commit ${commitOf(b)}</p>
</header>
`,
    renderVerdict(judge(a), 'A'),
    renderVerdict(judge(b), 'B'),
    differences.length === 0
      ? null
      : renderSection('These runs differ in more than their code', renderList('warnings', differences)),
    renderSection(
      'Figures',
      markup`<p class="quiet">B/A is B divided by A. Within 2 % they are alike. Each run was measured once: run to run, the same code differs too.</p>
`,
      Object.entries(GROUPS).map(([group, caption]) => renderGroup(figures, group, caption)),
    ),
    a.outcome.ticks.length === 0 && b.outcome.ticks.length === 0
      ? null
      : renderSection(
          'A and B laid over each other',
          markup`<div class="plots">
${plotsOfTwo(a, b).map(drawLinePlot)}</div>
`,
        ),
    a.seatMap === null && b.seatMap === null
      ? null
      : renderSection('Seats by when they were sold', renderPair(a, b, renderSeats)),
    renderSection(
      'Machines',
      renderPair(a, b, (run) => renderMachine(run.machine)),
    ),
  ])
}

function renderGroup(figures: readonly ComparedFigure[], group: string, caption: string): Markup | null {
  const rows = figures.filter((figure) => figure.group === group).map((figure) => [nameOf(figure), ...cellsOf(figure)])
  return rows.length === 0 ? null : renderTable(caption, ['figure', 'A', 'B', 'B/A', 'better'], rows)
}

function renderPair(a: Results, b: Results, render: (run: Results, id: string) => Markup): Markup {
  return markup`<div class="pair">
<div><h3>A</h3>${render(a, 'a')}</div>
<div><h3>B</h3>${render(b, 'b')}</div>
</div>
`
}

const renderSeats = ({ seatMap }: Results, id: string): Markup =>
  seatMap === null ? markup`<p>No seats were drawn.</p>` : drawSeatMap(seatMap, `seats-${id}`)
