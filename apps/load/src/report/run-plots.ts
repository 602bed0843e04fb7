import { headlineStreams } from './figures.ts'
import type { LinePlot, Point, Series } from './line-plot.ts'
import type { Results, Tick } from '../results/results.ts'

const RATE = { label: 'requests per second', whole: true }
const MS = { label: 'ms', whole: false }
const LINE_LENGTH = { label: 'requests in line', whole: true }

const byTick =
  (of: (tick: Tick) => number | null) =>
  ({ outcome }: Results): readonly Point[] =>
    outcome.ticks.map((tick) => [tick.second, of(tick)])

/** The lines that are plotted over the seconds of a run, by name. */
const POINTS = {
  sent: byTick(({ sent }) => sent),
  accepted: byTick(({ accepted }) => accepted),
  decided,
  refused: byTick(({ refused }) => refused),
  median: byTick(({ p50 }) => p50),
  '99th percentile': byTick(({ p99 }) => p99),
  'accepted and not decided': ({ samples }) => samples.map(({ second, inLine }) => [second, inLine]),
  'answered reads': byTick(({ reads }) => reads),
} as const satisfies Readonly<Record<string, (results: Results) => readonly Point[]>>

type Line = keyof typeof POINTS

interface Plot {
  readonly id: string
  readonly title: string
  readonly y: LinePlot['y']
  /** Lines in the order of their styles, unless these are given. */
  readonly lines: readonly Line[]
  readonly styles?: readonly Series['style'][]
}

const PLOTS: readonly Plot[] = [
  {
    id: 'throughput',
    title: 'Throughput',
    y: RATE,
    lines: ['sent', 'accepted', 'decided', 'refused'],
    styles: [3, 0, 1, 2],
  },
  // In a plot of its own: there may be ten reads for each booking.
  { id: 'reads', title: 'Reads of availability', y: RATE, lines: ['answered reads'] },
  { id: 'latency', title: 'Latency from the intended time', y: MS, lines: ['median', '99th percentile'] },
  { id: 'line', title: 'Line length', y: LINE_LENGTH, lines: ['accepted and not decided'] },
]

const STYLES = [0, 1, 2, 3] as const

const hasReads = ({ outcome }: Results): boolean => outcome.ticks.some(({ reads }) => reads > 0)

const plotsWanted = (runs: readonly Results[]) => PLOTS.filter(({ id }) => id !== 'reads' || runs.some(hasReads))

/** Returns the plots of one run. */
export function plotsOf(results: Results): readonly LinePlot[] {
  const overTime = plotsWanted([results]).map(({ id, title, y, lines, styles = STYLES }): LinePlot => ({
    id,
    title,
    x: 'seconds',
    y,
    series: lines.map((name, index) => ({ name, style: styles[index] ?? 0, points: POINTS[name](results) })),
  }))
  const series = headlineStreams(results)
    .slice(0, STYLES.length)
    .map(({ name, curve }, index) => ({ name, style: STYLES[index] ?? 0, points: curve }))
  return [...overTime, percentilePlot('percentiles', 'Latency by percentile', series)]
}

/** Lays two runs over each other, one plot for each line: the first run is drawn whole, the second dashed. */
export function plotsOfTwo(a: Results, b: Results): readonly LinePlot[] {
  const overTime = plotsWanted([a, b]).flatMap(({ id, title, y, lines }) =>
    lines.map((name, index): LinePlot => ({
      id: `${id}-${index}`,
      title: lines.length === 1 ? title : `${title}: ${name}`,
      x: 'seconds',
      y,
      series: bothRuns(POINTS[name](a), POINTS[name](b)),
    })),
  )
  const others = new Map(headlineStreams(b).map((stream) => [stream.name, stream]))
  const curves = headlineStreams(a).flatMap(({ name, curve }, index) => {
    const other = others.get(name)
    if (other === undefined) return []
    return [percentilePlot(`percentiles-${index}`, `Latency by percentile: ${name}`, bothRuns(curve, other.curve))]
  })
  return [...overTime, ...curves]
}

const bothRuns = (a: readonly Point[], b: readonly Point[]): readonly Series[] => [
  { name: 'A', style: 0, points: a },
  { name: 'B', style: 1, points: b },
]

const percentilePlot = (id: string, title: string, series: readonly Series[]): LinePlot => ({
  id,
  title,
  x: 'percentiles',
  y: MS,
  series,
})

/** Returns the decisions that the database counted, because clients that only want their 202 see none. Without samples it returns the decisions that clients saw. */
function decided(results: Results): readonly Point[] {
  const { samples } = results
  const points = samples.flatMap((sample, index): Point[] => {
    const before = samples[index - 1] ?? { second: 0, decided: 0 }
    const seconds = sample.second - before.second
    return seconds > 0 ? [[sample.second, (sample.decided - before.decided) / seconds]] : []
  })
  return points.length > 0 ? points : byTick((tick) => tick.decided)(results)
}
