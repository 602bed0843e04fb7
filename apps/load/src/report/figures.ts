import type { Latency, Results, StreamOutcome } from '../results/results.ts'

export interface Figure {
  /** The same in every run, so that two runs can be compared by it. */
  readonly name: string
  readonly group: 'aims' | 'rates' | 'times' | 'counts' | 'disk' | 'generator' | 'processes'
  /** `null` where nothing was measured. */
  readonly value: number | null
  /** The number of measurements behind it, where there are several. */
  readonly measured?: number
  readonly unit: '' | '/s' | 'ms' | 'cores' | 'MB' | 'bytes'
  /** Better direction; `null` if it depends on what was asked for. */
  readonly better: 'more' | 'less' | null
}

/** Returns everything of a run that is one number. */
export function figuresOf(results: Results): readonly Figure[] {
  if (results.outcome.streams.length === 0) return aimFigures(results)
  return [
    ...aimFigures(results),
    ...rates(results),
    ...headlineStreams(results).flatMap(times),
    ...watcherTimes(results),
    ...counts(results),
    ...diskFigures(results),
    ...generatorFigures(results),
    ...processFigures(results),
  ]
}

/** Returns the streams that the run is about; all of them if none is marked. */
export function headlineStreams({ outcome: { streams } }: Results): readonly StreamOutcome[] {
  const headline = streams.filter((stream) => stream.headline)
  return headline.length === 0 ? streams : headline
}

/**
 * Returns the spans of a request's life that were measured in a stream, by name: who only reads waits for no outcome.
 */
export function spansOf(stream: StreamOutcome): readonly (readonly [name: Span, latency: Latency])[] {
  return (['accept', 'decide', 'total'] as const).flatMap((span) =>
    stream[span].count === 0 ? [] : [[span, stream[span]] as const],
  )
}

export type Span = 'accept' | 'decide' | 'total'

/** Refusals of all streams by problem code, the most frequent first. */
export function refusalsOf({ outcome: { streams } }: Results): readonly (readonly [code: string, count: number])[] {
  const byCode = new Map<string, number>()
  for (const { refused } of streams) {
    for (const [code, count] of Object.entries(refused)) byCode.set(code, (byCode.get(code) ?? 0) + count)
  }
  return [...byCode].toSorted(([a, some], [b, others]) => others - some || a.localeCompare(b))
}

export const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

/** Returns the longest line that was seen; `null` if nobody looked. */
const longestLine = ({ samples }: Results): number | null =>
  samples.length === 0 ? null : samples.reduce((longest, { inLine }) => Math.max(longest, inLine), 0)

/** Returns the values that have an aim. */
const aimFigures = ({ aims }: Results): Figure[] =>
  aims.map(({ what, value, relation }) => ({
    name: what,
    group: 'aims',
    value,
    unit: '',
    better: relation === 'at least' ? 'more' : 'less',
  }))

const rates = ({ acceptedPerSecond, decidedPerSecond }: Results): Figure[] => [
  { name: 'accepted/s', group: 'rates', value: acceptedPerSecond, unit: '/s', better: 'more' },
  { name: 'decided/s', group: 'rates', value: decidedPerSecond, unit: '/s', better: 'more' },
]

function times(stream: StreamOutcome): Figure[] {
  return spansOf(stream).flatMap(([span, latency]) => percentiles(`${stream.name}: ${span}`, latency, 'times'))
}

function watcherTimes({ outcome: { watchers } }: Results): Figure[] {
  return watchers === null || watchers.delay === null ? [] : percentiles('watchers: message', watchers.delay, 'times')
}

/** Returns the percentiles as figures; none without a single measurement: a percentile of nothing is not 0. */
function percentiles(name: string, latency: Latency, group: Figure['group']): Figure[] {
  if (latency.count === 0) return []
  return [
    { name: `${name}: measured`, group, value: latency.count, unit: '', better: null },
    ...(['p50', 'p95', 'p99', 'max'] as const).map((of): Figure => ({
      name: `${name} ${of}`,
      group,
      value: latency[of],
      measured: latency.count,
      unit: 'ms',
      better: 'less',
    })),
  ]
}

function counts(results: Results): Figure[] {
  const { streams } = results.outcome
  const count = (name: string, value: number | null, better: Figure['better']): Figure => ({
    name,
    group: 'counts',
    value,
    unit: '',
    better,
  })
  const total = (name: string, better: Figure['better'], of: (stream: StreamOutcome) => number) =>
    count(
      name,
      streams.reduce((sum, stream) => sum + of(stream), 0),
      better,
    )
  return [
    total('intended', null, ({ intended }) => intended),
    total('sent', null, ({ sent }) => sent),
    total('unsent', 'less', ({ unsent }) => unsent),
    total('booked', null, ({ booked }) => booked),
    total('refused', null, ({ refused }) => sumOf(refused)),
    ...refusalsOf(results).map(([code, value]) => count(`refused: ${code}`, value, null)),
    total('undecided', 'less', ({ undecided }) => undecided),
    total('errors', 'less', ({ errors }) => errors),
    count('longest line', longestLine(results), 'less'),
  ]
}

function diskFigures({ disk }: Results): Figure[] {
  if (disk === null) return []
  const { refused, walBytes, tableBytes } = disk
  return [
    ['log written per refused request', walBytes] as const,
    ['tables grown per refused request', tableBytes] as const,
  ].map(([name, bytes]) => ({
    name,
    group: 'disk',
    value: refused === 0 ? null : Math.round(bytes / refused),
    measured: refused,
    unit: 'bytes',
    better: 'less',
  }))
}

function generatorFigures({ outcome: { lag, ownLag } }: Results): Figure[] {
  return [...percentiles('generator lag', lag, 'generator'), ...percentiles('generator own lag', ownLag, 'generator')]
}

function processFigures({ processes }: Results): Figure[] {
  return processes.flatMap(({ name, cores, peakRssMb }): Figure[] => [
    // Less is better for the same work only, and the work differs.
    { name: `${name}: cores`, group: 'processes', value: cores, unit: 'cores', better: null },
    { name: `${name}: peak RSS`, group: 'processes', value: peakRssMb, unit: 'MB', better: 'less' },
  ])
}
