import { reachOf } from './aims.ts'
import { describeRun, titleOf } from './describe-run.ts'
import { type Figure, figuresOf, headlineStreams } from './figures.ts'
import { formatFigure } from './format-figure.ts'
import { drawLinePlot } from './line-plot.ts'
import { type Content, type Markup, markup } from './markup.ts'
import { renderList, renderPage, renderSection, renderTable } from './page.ts'
import type { Results } from '../results/results.ts'
import { plotsOf } from './run-plots.ts'
import {
  renderVerification,
  renderDisk,
  renderGenerator,
  renderLatencies,
  renderMachine,
  renderProcesses,
  renderRefusals,
  renderSeconds,
  renderStreams,
} from './run-tables.ts'
import { drawSeatMap } from './seat-map.ts'
import { judge, type Verdict } from './verdict.ts'

/** Renders one run as a page of HTML that needs nothing but itself. */
export function renderReport(results: Results): string {
  const title = titleOf(results)
  return renderPage(title, [
    markup`<header>
<h1>${title}</h1>
<p>${results.about}</p>
<p class="quiet">${describeRun(results)}</p>
</header>
`,
    renderVerdict(judge(results)),
    results.tables.length === 0 ? renderCrowd(results) : renderTables(results),
    renderSection('Machine', renderProcesses(results), renderMachine(results.machine)),
    renderVerification(results),
  ])
}

/** Renders the sections about one crowd. */
function renderCrowd(results: Results): readonly Content[] {
  const { seatMap } = results
  return [
    renderSection('Key figures', renderCards(results), renderLatencies(results), renderRefusals(results)),
    renderSection(
      'Over time',
      markup`<div class="plots">
${plotsOf(results).map(drawLinePlot)}</div>
`,
      renderSeconds(results),
    ),
    seatMap === null
      ? null
      : renderSection(
          'Seats by when they were sold',
          drawSeatMap(seatMap, 'seats'),
          markup`<p class="quiet">Seats can stay unsold while buyers are refused: each asked for certain seats, and got none of them where one was sold already.</p>
`,
        ),
    renderStreams(results),
    renderDisk(results),
    renderGenerator(results),
  ]
}

/** Renders the tables and aims of many runs. */
const renderTables = ({ tables, aims, size }: Results): readonly Content[] => [
  renderSection(
    'Aims',
    renderTable(
      'What was measured, and what it is meant to reach',
      ['what', 'measured', 'aim', ''],
      aims.map((aim) => [
        aim.what,
        formatFigure(aim.value),
        `${aim.relation} ${formatFigure(aim.aim)}`,
        // A small run measures nothing, so that it reaches and misses nothing.
        size.scale < 1 ? '–' : reachOf(aim),
      ]),
    ),
  ),
  renderSection(
    'Measured',
    tables.map(({ title, about, header, rows }) => [
      renderTable(title, header, rows),
      ...about.map(
        (sentence) => markup`<p class="quiet">${sentence}</p>
`,
      ),
    ]),
  ),
]

/** Renders a verdict. `name` is of the run, if a page has several. */
export function renderVerdict({ good, headline, problems, warnings }: Verdict, name = ''): Markup {
  return markup`<div class="verdict ${good ? 'good' : 'bad'}">
<h2>${name === '' ? headline : `${name}: ${headline}`}</h2>
${renderList('problems', problems)}${renderList('warnings', warnings)}</div>
`
}

function renderCards(results: Results): Markup {
  const shown = new Set([
    'accepted/s',
    'decided/s',
    ...headlineStreams(results).flatMap(({ name }) => [
      `${name}: accept p99`,
      `${name}: decide p99`,
      `${name}: total p50`,
      `${name}: total p99`,
    ]),
    'watchers: message p99',
    'booked',
    'refused',
    'longest line',
    'log written per refused request',
    'tables grown per refused request',
    'unsent',
    'errors',
    'generator own lag p99',
  ])
  const cards = figuresOf(results).filter(({ name }) => shown.has(name))
  return markup`<dl class="cards">
${cards.map(renderCard)}</dl>
`
}

function renderCard({ name, value, unit, measured }: Figure): Markup {
  const shownUnit = unit === '' || unit === '/s' ? null : markup` <span class="unit">${unit}</span>`
  const of = measured === undefined ? null : markup` <span class="unit">of ${formatFigure(measured)}</span>`
  return markup`<div><dt>${name}</dt><dd>${formatFigure(value)}${shownUnit}${of}</dd></div>
`
}
