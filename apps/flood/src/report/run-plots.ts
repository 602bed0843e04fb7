import type { Tick } from '../generator/outcome.ts'
import { headlineStreams } from './figures.ts'
import type { LinePlot, Point, Series } from './line-plot.ts'
import type { FloodResults, Sample } from './results.ts'

/** The plots of one run. */
export function plotsOf(results: FloodResults): readonly LinePlot[] {
  return [throughput(results), ...reads(results), latency(results), percentileCurve(results), lineLength(results)]
}

/** Two runs laid over each other, one plot for each thing: the first run is drawn whole, the second dashed. */
export function plotsOfTwo(a: FloodResults, b: FloodResults): readonly LinePlot[] {
  const over = (id: string, title: string, y: LinePlot['y'], points: (results: FloodResults) => readonly Point[]) => ({
    id,
    title,
    x: 'seconds' as const,
    y,
    series: bothRuns(points(a), points(b)),
  })
  const byTick = (of: (tick: Tick) => number | null) => (results: FloodResults) => pointsOf(results.outcome.ticks, of)
  const rate = { label: 'requests per second', whole: true }
  const ms = { label: 'ms', whole: false }
  const plots: LinePlot[] = [
    over(
      'accepted',
      'Accepted',
      rate,
      byTick(({ accepted }) => accepted),
    ),
    over('decided', 'Decided', rate, decided),
    over(
      'refused',
      'Refused',
      rate,
      byTick(({ refused }) => refused),
    ),
    over(
      'p50',
      'Latency: median',
      ms,
      byTick(({ p50 }) => p50),
    ),
    over(
      'p99',
      'Latency: 99th percentile',
      ms,
      byTick(({ p99 }) => p99),
    ),
    over('line', 'Line length', LINE_AXIS, ({ samples }) => lineLengths(samples)),
  ]
  if ([a, b].some(hasReads)) {
    plots.push(
      over(
        'reads',
        'Reads',
        rate,
        byTick(({ reads: count }) => count),
      ),
    )
  }
  return [...plots, ...curvesOfTwo(a, b)]
}

const LINE_AXIS = { label: 'requests in line', whole: true }

const bothRuns = (a: readonly Point[], b: readonly Point[]): readonly Series[] => [
  { name: 'A', style: 0, points: a },
  { name: 'B', style: 1, points: b },
]

const pointsOf = (ticks: readonly Tick[], of: (tick: Tick) => number | null): readonly Point[] =>
  ticks.map((tick) => [tick.second, of(tick)])

const hasReads = ({ outcome }: FloodResults): boolean => outcome.ticks.some(({ reads: count }) => count > 0)

/** What the database counted: clients that only want their 202 see no decision. Where nobody looked, what clients saw. */
function decided({ samples, outcome }: FloodResults): readonly Point[] {
  const points = samples.flatMap((sample, index): Point[] => {
    const before = samples[index - 1] ?? { second: 0, decided: 0 }
    const seconds = sample.second - before.second
    return seconds > 0 ? [[sample.second, (sample.decided - before.decided) / seconds]] : []
  })
  return points.length > 0 ? points : pointsOf(outcome.ticks, (tick) => tick.decided)
}

const lineLengths = (samples: readonly Sample[]): readonly Point[] =>
  samples.map(({ second, inLine }) => [second, inLine])

function throughput(results: FloodResults): LinePlot {
  const { ticks } = results.outcome
  return {
    id: 'throughput',
    title: 'Throughput',
    x: 'seconds',
    y: { label: 'requests per second', whole: true },
    series: [
      { name: 'sent', style: 3, points: pointsOf(ticks, ({ sent }) => sent) },
      { name: 'accepted', style: 0, points: pointsOf(ticks, ({ accepted }) => accepted) },
      { name: 'decided', style: 1, points: decided(results) },
      { name: 'refused', style: 2, points: pointsOf(ticks, ({ refused }) => refused) },
    ],
  }
}

/** In a plot of its own: there may be ten reads for each booking. */
function reads(results: FloodResults): readonly LinePlot[] {
  if (!hasReads(results)) return []
  const points = pointsOf(results.outcome.ticks, ({ reads: count }) => count)
  return [
    {
      id: 'reads',
      title: 'Reads of availability',
      x: 'seconds',
      y: { label: 'answers per second', whole: true },
      series: [{ name: 'answered', style: 0, points }],
    },
  ]
}

function latency({ outcome: { ticks } }: FloodResults): LinePlot {
  return {
    id: 'latency',
    title: 'Latency from the intended time',
    x: 'seconds',
    y: { label: 'ms', whole: false },
    series: [
      { name: 'median', style: 0, points: pointsOf(ticks, ({ p50 }) => p50) },
      { name: '99th percentile', style: 1, points: pointsOf(ticks, ({ p99 }) => p99) },
    ],
  }
}

const STYLES = [0, 1, 2, 3] as const

function percentileCurve(results: FloodResults): LinePlot {
  return {
    id: 'percentiles',
    title: 'Latency by percentile',
    x: 'percentiles',
    y: { label: 'ms', whole: false },
    series: headlineStreams(results)
      .slice(0, STYLES.length)
      .map(({ name, curve }, index) => ({ name, style: STYLES[index] ?? 0, points: curve })),
  }
}

function curvesOfTwo(a: FloodResults, b: FloodResults): readonly LinePlot[] {
  const others = new Map(headlineStreams(b).map((stream) => [stream.name, stream]))
  return headlineStreams(a).flatMap(({ name, curve }, index): LinePlot[] => {
    const other = others.get(name)
    if (other === undefined) return []
    return [
      {
        id: `percentiles-${index}`,
        title: `Latency by percentile: ${name}`,
        x: 'percentiles',
        y: { label: 'ms', whole: false },
        series: bothRuns(curve, other.curve),
      },
    ]
  })
}

function lineLength({ samples }: FloodResults): LinePlot {
  return {
    id: 'line',
    title: 'Line length',
    x: 'seconds',
    y: LINE_AXIS,
    series: [{ name: 'accepted and not decided', style: 0, points: lineLengths(samples) }],
  }
}
