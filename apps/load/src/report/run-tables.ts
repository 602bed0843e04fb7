import { INVARIANTS } from '../verify/invariants.ts'
import { headlineStreams, refusalsOf, type Span, spansOf, sumOf } from './figures.ts'
import { formatFigure } from './format-figure.ts'
import { type Content, type Markup, markup } from './markup.ts'
import { renderList, renderSection, renderTable } from './page.ts'
import type { Latency, Machine, Results } from '../results/results.ts'

const LATENCY_HEADER = ['count', 'mean', 'p50', 'p95', 'p99', 'max']

function latencyCells({ count, mean, p50, p95, p99, max }: Latency): readonly string[] {
  // A histogram of nothing says 0, which is not a measurement.
  const times = count === 0 ? [null, null, null, null, null] : [mean, p50, p95, p99, max]
  return [count, ...times].map(formatFigure)
}

/** Renders the headline streams: what the first look at the report is for. */
export function renderLatencies(results: Results): Markup {
  const rows = headlineStreams(results).flatMap((stream) =>
    spansOf(stream).map(([span, latency]) => [`${stream.name}: ${SPANS[span]}`, ...latencyCells(latency)]),
  )
  const { watchers } = results.outcome
  if (watchers !== null && watchers.delay !== null) {
    rows.push(['watchers: from the outcome to the message about it', ...latencyCells(watchers.delay)])
  }
  if (rows.length === 0) return markup`<p>No latency was measured.</p>`
  return renderTable('Latencies in ms', ['latency', ...LATENCY_HEADER], rows)
}

const SPANS: Readonly<Record<Span, string>> = {
  accept: 'accept (intended time to 202, or to all of the answer to a read)',
  decide: 'decide (202 to outcome)',
  total: 'total (intended time to outcome)',
}

export function renderRefusals(results: Results): Markup | null {
  const refusals = refusalsOf(results)
  if (refusals.length === 0) return null
  const rows = refusals.map(([code, count]) => [code, formatFigure(count)])
  return renderTable('Refused, by code', ['code', 'requests'], rows)
}

export function renderStreams(results: Results): Markup {
  const { streams } = results.outcome
  const counts = streams.map((stream) => [
    stream.headline ? `${stream.name} (headline)` : stream.name,
    ...[stream.intended, stream.sent, stream.unsent, stream.booked, sumOf(stream.refused)].map(formatFigure),
    ...[stream.undecided, stream.errors].map(formatFigure),
  ])
  const answers = streams.map(({ name, statuses, refused, steps }) => [
    name,
    ...[statuses, refused, steps].map(formatCounts),
  ])
  const others = streams.filter(({ headline }) => !headline)
  const latencies = others.flatMap((stream) =>
    spansOf(stream).map(([span, latency]) => [`${stream.name}: ${span}`, ...latencyCells(latency)]),
  )
  const samples = streams.flatMap(({ name, errorSamples }) => errorSamples.map((sample) => `${name}: ${sample}`))
  return renderSection(
    'Streams',
    renderTable(
      'Arrivals',
      ['stream', 'intended', 'sent', 'unsent', 'booked', 'refused', 'undecided', 'errors'],
      counts,
    ),
    renderTable(
      'Answers: number by status, looks for an outcome included (0 is a broken connection); refusals by problem code; further steps',
      ['stream', 'statuses', 'refused', 'steps'],
      answers,
      'words',
    ),
    latencies.length === 0
      ? null
      : renderTable('Latencies of the other streams in ms', ['latency', ...LATENCY_HEADER], latencies),
    samples.length === 0 ? null : markup`<h3>Samples of errors</h3>${renderList('samples', samples)}`,
  )
}

function formatCounts(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts)
  return entries.length === 0 ? '–' : entries.map(([name, count]) => `${name}: ${formatFigure(count)}`).join(', ')
}

/** Shows what refusals cost on disk; `null` where it was not measured. */
export function renderDisk({ disk }: Results): Markup | null {
  if (disk === null) return null
  const { stream, refused, turnedAway, walBytes, tableBytes } = disk
  const each = (bytes: number) => formatFigure(refused === 0 ? null : Math.round(bytes / refused))
  return renderSection(
    'Disk',
    renderTable(
      `Written while ${stream} came: ${formatFigure(refused)} refused, ${formatFigure(turnedAway)} of them before the line`,
      ['where', 'bytes', 'bytes per refused request'],
      [
        ["PostgreSQL's log (WAL)", formatFigure(walBytes), each(walBytes)],
        ['tables and indexes', formatFigure(tableBytes), each(tableBytes)],
      ],
    ),
  )
}

export function renderGenerator({ outcome: { lag, ownLag, watchers } }: Results): Markup {
  return renderSection(
    'Generator',
    renderTable(
      'From the intended to the actual time of sending, in ms',
      ['lag', ...LATENCY_HEADER],
      [
        ['with waits for a free client', ...latencyCells(lag)],
        ['its own lag', ...latencyCells(ownLag)],
      ],
    ),
    watchers === null
      ? null
      : markup`<p>${formatFigure(watchers.connected)} of ${formatFigure(watchers.watchers)} watchers were connected; they were sent ${formatFigure(watchers.messages)} messages.</p>`,
  )
}

export function renderProcesses({ processes }: Results): Markup | null {
  if (processes.length === 0) return null
  const rows = processes.map(({ name, cores, peakRssMb }) => [name, formatFigure(cores), formatFigure(peakRssMb)])
  return markup`${renderTable('Processes', ['process', 'cores', 'peak RSS in MB'], rows)}<p class="quiet">RSS is memory that a process has to itself or shares. PostgreSQL is many processes that share most of theirs: their sum would be too large, and is not shown.</p>
`
}

export function renderMachine(machine: Machine | null): Markup {
  if (machine === null) return markup`<p>Not known: the run was against a URL.</p>`
  const rows: [string, Content][] = [
    ['processor', `${machine.cores} cores (${machine.model})`],
    ['memory', `${machine.memoryGb} GB`],
    ['system', machine.system],
    ['versions', `Node ${machine.node}, PostgreSQL ${machine.postgres}, Redis ${machine.redis}`],
    ['data on', `${machine.fileSystem}; 8 kB written and synced in ${machine.syncMs} ms (median)`],
    ['commit', machine.commit],
  ]
  return renderTable('Everything ran on this machine, the generator too', ['part', 'what it is'], rows, 'words')
}

export function renderVerification({ verification }: Results): Markup {
  const rows = verification.checks
    .toSorted((a, b) => invariantOf(a.what).localeCompare(invariantOf(b.what)))
    .map(({ what, bad }) => [what, bad === 0 ? 'none' : markup`<strong>${formatFigure(bad)}</strong>`])
  return renderSection(
    'Verification',
    renderTable('What was looked for in the database, and how many were found', ['check', 'found'], rows),
    renderInvariants(verification),
  )
}

const invariantOf = (what: string): string => what.split(' ')[0] ?? ''

/** Explains the invariants that the checks' names begin with. */
function renderInvariants({ checks }: Results['verification']): Markup | null {
  const used = Object.entries(INVARIANTS).filter(([id]) => checks.some(({ what }) => invariantOf(what) === id))
  if (used.length === 0) return null
  return markup`<p class="caption">What must hold</p>
<dl class="terms">${used.map(([id, promise]) => markup`<dt>${id}</dt><dd>${promise}</dd>`)}</dl>
`
}

/** Renders the numbers behind the plots over time, for whoever cannot see them or wants them exact. */
export function renderSeconds({ outcome: { ticks }, samples }: Results): Markup {
  // A look at 3.02 s stands in the row of the fourth second, 3, whose start it is; of two the first.
  const inLine = new Map(samples.toReversed().map((sample) => [Math.floor(sample.second), sample.inLine]))
  const rows = ticks.map(({ second, sent, accepted, decided, booked, refused, reads, p50, p99 }) =>
    [second, sent, accepted, decided, booked, refused, reads, p50, p99, inLine.get(second)].map(formatFigure),
  )
  return markup`<details>
<summary>Second by second</summary>
${renderTable(
  'As the clients saw it, latencies in ms',
  ['second', 'sent', 'accepted', 'decided', 'booked', 'refused', 'reads', 'p50', 'p99', 'in line'],
  rows,
)}</details>
`
}
