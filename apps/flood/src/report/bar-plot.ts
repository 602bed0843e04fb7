import { formatFigure } from './format-figure.ts'
import { type Markup, markup } from './markup.ts'
import { axisTicks, linearScale } from './scale.ts'

export interface BarPlot {
  /** Unique in its page, of letters and dashes. */
  readonly id: string
  readonly title: string
  readonly unit: string
  readonly bars: readonly { readonly name: string; readonly value: number }[]
}

const WIDTH = 320
const ROW = 30
const LEFT = 52
const RIGHT = 64
const AXIS = 40

/** Horizontal bars with their values. It is small enough to be readable at any width. */
export function drawBarPlot({ id, title, unit, bars }: BarPlot): Markup {
  const bottom = bars.length * ROW + 8
  const ticks = axisTicks(
    bars.reduce((max, { value }) => Math.max(max, value), 0),
    3,
  )
  const x = linearScale(ticks.at(-1) ?? 1, LEFT, WIDTH - RIGHT)
  const at = (value: number) => Math.round(x(value) * 10) / 10
  const text = bars.map(({ name, value }) => `${name} ${formatFigure(value)} ${unit}`).join(', ')
  return markup`<figure class="plot">
<figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${bottom + AXIS}" width="${WIDTH}" height="${bottom + AXIS}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${text}</desc>
${ticks.map(
  (tick) =>
    markup`<path class="grid" d="M${at(tick)} 0V${bottom}"/><text class="tick" text-anchor="middle" x="${at(tick)}" y="${bottom + 16}">${formatFigure(tick)}</text>`,
)}
${bars.map(
  ({ name, value }, index) =>
    markup`<text class="tick" text-anchor="end" x="${LEFT - 6}" y="${index * ROW + 22}">${name}</text><path class="bar" d="M${LEFT} ${index * ROW + 8}H${at(value)}v20H${LEFT}z"/><text class="tick" x="${at(value) + 5}" y="${index * ROW + 22}">${formatFigure(value)}</text>`,
)}
<text class="axis" text-anchor="end" x="${WIDTH - RIGHT}" y="${bottom + 34}">${unit}</text>
</svg>
</figure>
`
}
