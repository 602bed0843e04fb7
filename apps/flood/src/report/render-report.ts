import { drawBarPlot } from './bar-plot.ts'
import { describeRun } from './describe-run.ts'
import { type Figure, figuresOf, headlineStreams } from './figures.ts'
import { formatFigure } from './format-figure.ts'
import { drawLinePlot } from './line-plot.ts'
import { type Markup, markup } from './markup.ts'
import { renderList, renderPage, renderSection } from './page.ts'
import type { FloodResults } from './results.ts'
import { plotsOf } from './run-plots.ts'
import {
  renderAudit,
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

/** One run as a page of HTML that needs nothing but itself. */
export function renderReport(results: FloodResults): string {
  const { filling, machine, outcome } = results
  const lag = outcome.watchers?.lag ?? null
  return renderPage(`Flood: ${results.scenario}`, [
    markup`<header>
<h1>Flood: ${results.scenario}</h1>
<p>${results.about}</p>
<p class="quiet">${describeRun(results)}</p>
</header>
`,
    renderVerdict(judge(results)),
    renderSection('Key figures', renderCards(results), renderLatencies(results), renderRefusals(results)),
    renderSection(
      'Over time',
      markup`<div class="plots">
${plotsOf(results).map(drawLinePlot)}${
        lag === null || lag.count === 0
          ? null
          : drawBarPlot({
              id: 'watchers',
              title: 'Watchers: from the outcome to the news of it',
              unit: 'ms',
              bars: (['p50', 'p95', 'p99', 'max'] as const).map((name) => ({ name, value: lag[name] })),
            })
      }</div>
`,
      renderSeconds(results),
    ),
    filling === null
      ? null
      : renderSection(
          'Seats by when they were sold',
          drawSeatMap(filling, 'seats'),
          markup`<p class="quiet">Seats can stay unsold while buyers are refused: each asked for certain seats, and got none of them where one was sold already.</p>
`,
        ),
    renderStreams(results),
    renderDisk(results),
    renderGenerator(results),
    renderSection('Machine', renderProcesses(results), renderMachine(machine)),
    renderAudit(results),
  ])
}

/** `name` is of the run, where a page has several. */
export function renderVerdict({ good, headline, problems, warnings }: Verdict, name = ''): Markup {
  return markup`<div class="verdict ${good ? 'good' : 'bad'}">
<h2>${name === '' ? headline : `${name}: ${headline}`}</h2>
${renderList('problems', problems)}${renderList('warnings', warnings)}</div>
`
}

function renderCards(results: FloodResults): Markup {
  const shown = new Set([
    'accepted/s',
    'decided/s',
    ...headlineStreams(results).flatMap(({ name }) => [
      `${name}: accept p99`,
      `${name}: decide p99`,
      `${name}: total p50`,
      `${name}: total p99`,
    ]),
    'watchers: news p99',
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
