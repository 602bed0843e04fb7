import { formatFigure } from './format-figure.ts'
import { type Markup, markup } from './markup.ts'
import { axisTicks, linearScale, nines } from './scale.ts'

/** `y` is `null` where nothing was measured: the line has a gap there. */
export type Point = readonly [x: number, y: number | null]

export interface Series {
  readonly name: string
  /** Colour and dash it is drawn with, so that one thing looks the same in all plots. */
  readonly style: 0 | 1 | 2 | 3
  /** Points in order of `x`. */
  readonly points: readonly Point[]
}

export interface LinePlot {
  /** Unique in its page, of letters and dashes. */
  readonly id: string
  readonly title: string
  /** `percentiles`: each further nine is as far as the one before. */
  readonly x: 'seconds' | 'percentiles'
  readonly y: { readonly label: string; readonly whole: boolean }
  readonly series: readonly Series[]
}

/** Pixels. Each plot is drawn for both, since text that shrinks with its plot cannot be read on a phone. */
interface Frame {
  readonly name: 'wide' | 'narrow'
  readonly width: number
  readonly height: number
}

const FRAMES: readonly Frame[] = [
  { name: 'wide', width: 560, height: 280 },
  { name: 'narrow', width: 320, height: 240 },
]

/** The width of a digit at the size that the style sheet gives to ticks. */
const DIGIT_WIDTH = 7
const TOP = 26
const BOTTOM = 42
const RIGHT = 18

export function drawLinePlot(plot: LinePlot): Markup {
  return markup`<figure class="plot">
<figcaption>${plot.title}</figcaption>
${drawLegend(plot.series)}
${FRAMES.map((frame) => drawFrame(plot, frame))}
</figure>
`
}

function drawLegend(series: readonly Series[]): Markup {
  const items = series.map(
    ({ name, style }) =>
      markup`<li><svg class="key" viewBox="0 0 32 8" width="32" height="8" aria-hidden="true"><path class="line s${style}" d="M0 4H32"/></svg>${name}</li>`,
  )
  return markup`<ul class="legend">${items}</ul>`
}

function drawFrame(plot: LinePlot, { name, width, height }: Frame): Markup {
  const series = plot.series.map((line) => ({ ...line, points: line.points.filter(canStand(plot.x)) }))
  const measured = series.flatMap(({ points }) => points.filter(([, y]) => isMeasured(y)))
  const yTicks = axisTicks(highest(measured.map(([, y]) => y ?? 0)), 5, plot.y.whole)
  const yMax = yTicks.at(-1) ?? 1
  const left = 14 + DIGIT_WIDTH * Math.max(...yTicks.map((tick) => formatFigure(tick).length))
  const axis = xAxis(plot.x, highest(measured.map(([x]) => x)), name === 'wide' ? 10 : 5)
  const across = linearScale(axis.end, left, width - RIGHT)
  const x = (value: number) => across(axis.place(value))
  const y = linearScale(yMax, height - BOTTOM, TOP)
  const id = `${plot.id}-${name}`
  return markup`<svg class="${name}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${plot.title}</title>
<desc id="${id}-desc">${describe(plot)}</desc>
<text class="axis" x="4" y="14">${plot.y.label}</text>
${yTicks.map(
  (tick) =>
    markup`<path class="grid" d="M${left} ${at(y(tick))}H${width - RIGHT}"/><text class="tick" text-anchor="end" x="${left - 6}" y="${at(y(tick) + 4)}">${formatFigure(tick)}</text>`,
)}
${axis.ticks.map(
  (tick) =>
    markup`<path class="mark" d="M${at(x(tick))} ${height - BOTTOM}v5"/><text class="tick" text-anchor="middle" x="${at(x(tick))}" y="${height - BOTTOM + 18}">${axis.text(tick)}</text>`,
)}
<text class="axis" text-anchor="end" x="${width - RIGHT}" y="${height - 6}">${axis.label}</text>
${
  measured.length === 0
    ? markup`<text class="axis" text-anchor="middle" x="${(left + width - RIGHT) / 2}" y="${(TOP + height - BOTTOM) / 2}">Nothing was measured.</text>`
    : series.map((line) => drawSeries(line, x, y))
}
</svg>
`
}

interface XAxis {
  readonly label: string
  /** Largest value, in the unit of `place`. */
  readonly end: number
  readonly ticks: readonly number[]
  place(value: number): number
  text(tick: number): string
}

function xAxis(kind: LinePlot['x'], max: number, most: number): XAxis {
  switch (kind) {
    case 'seconds': {
      const end = max > 0 ? max : 1
      const ticks = axisTicks(end, most, true).filter((tick) => tick <= end)
      return { label: 'seconds from the start', end, ticks, place: (second) => second, text: formatFigure }
    }
    case 'percentiles': {
      // To the next nine: 99.2 needs an axis to 99.9. Beyond 99.999 nothing of this size is known.
      const end = Math.min(5, Math.max(2, Math.ceil(nines(max) - 1e-9)))
      const ticks = [0, 90, 99, 99.9, 99.99, 99.999].slice(0, end + 1)
      return { label: 'percentile', end, ticks, place: (value) => Math.min(end, nines(value)), text: String }
    }
  }
}

/** The 100th percentile is nowhere on an axis of nines. */
const canStand =
  (kind: LinePlot['x']) =>
  ([x]: Point): boolean =>
    Number.isFinite(x) && x >= 0 && (kind === 'seconds' || x < 100)

const isMeasured = (y: number | null): y is number => y !== null && Number.isFinite(y)

/** Returns 0 for none. Does without `Math.max(...values)`, which has no room for a run of many hours. */
const highest = (values: readonly number[]): number => values.reduce((max, value) => Math.max(max, value), 0)

/** Rounds to a tenth of a pixel, which is enough. */
const at = (pixels: number): number => Math.round(pixels * 10) / 10

/** Lines with gaps; what stands alone between two gaps is a dot. */
function drawSeries({ style, points }: Series, x: (value: number) => number, y: (value: number) => number): Markup {
  const runs: string[][] = [[]]
  for (const [across, up] of points) {
    if (isMeasured(up)) runs.at(-1)?.push(`${at(x(across))} ${at(y(up))}`)
    else runs.push([])
  }
  const lines = runs.filter((run) => run.length > 1).map((run) => `M${run.join('L')}`)
  const dots = runs.filter((run) => run.length === 1).map(([dot]) => `M${dot}h0`)
  return markup`${lines.length === 0 ? null : markup`<path class="line s${style}" d="${lines.join('')}"/>`}${
    dots.length === 0 ? null : markup`<path class="line dot s${style}" d="${dots.join('')}"/>`
  }`
}

/** Describes the plot to a reader who does not see it. */
function describe({ x, y, series }: LinePlot): string {
  const place = (value: number) => (x === 'seconds' ? `${formatFigure(value)} s` : `percentile ${value}`)
  const sentences = series.map(({ name, points }) => {
    const measured = points.flatMap(([across, up]) => (isMeasured(up) ? [{ across, up }] : []))
    const last = measured.at(-1)
    if (last === undefined) return `${name}: nothing was measured.`
    const top = measured.reduce((best, point) => (point.up > best.up ? point : best), last)
    return `${name}: highest ${formatFigure(top.up)} at ${place(top.across)}, last ${formatFigure(last.up)} at ${place(last.across)}.`
  })
  return [`In ${y.label}, over ${x === 'seconds' ? 'seconds from the start' : 'percentiles'}.`, ...sentences].join(' ')
}
