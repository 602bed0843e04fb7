import { formatCount, formatFigure } from './format-figure.ts'
import { type Markup, markup } from './markup.ts'
import type { SeatMap } from '../results/results.ts'

type Seat = SeatMap['seats'][number]

/** Seats that were sold after the period before and up to `untilMs`. */
export interface SoldPeriod {
  readonly fromMs: number
  readonly untilMs: number
  readonly seats: readonly Seat[]
}

/** Number of periods: as many as there are colours in the style sheet. */
const PERIODS = 6
/** Most seats that get a text each. With more, the page would be slow and large. */
const NAMED_SEATS = 2_000
const SIDE = 0.8
const WIDEST_SEAT_PX = 24

/**
 * Groups the sold seats into periods with as near as can be the same number of seats, so that a house that sells out in
 * its first second still shows an order. What was sold in the same instant stays together: there may be fewer periods.
 */
export function soldPeriods(seats: readonly Seat[]): readonly SoldPeriod[] {
  const sold = seats
    .flatMap((seat) => (seat.soldMs === null ? [] : [{ seat, soldMs: seat.soldMs }]))
    .toSorted((a, b) => a.soldMs - b.soldMs)
  const ends = Array.from({ length: PERIODS }, (_, index) => {
    const last = Math.ceil(((index + 1) * sold.length) / PERIODS) - 1
    return sold[last]?.soldMs
  })
  const untils = [...new Set(ends.filter((end) => end !== undefined))]
  const firstMs = sold[0]?.soldMs ?? 0
  return untils.map((untilMs, index) => {
    const fromMs = untils[index - 1] ?? firstMs
    const within = sold.filter(({ soldMs }) => soldMs <= untilMs && (index === 0 || soldMs > fromMs))
    return { fromMs, untilMs, seats: within.map(({ seat }) => seat) }
  })
}

/** Draws one showtime's seats, coloured by when they were sold. `id` is unique in its page. */
export function drawSeatMap({ title, seats }: SeatMap, id: string): Markup {
  if (seats.length === 0) return markup`<p>${title}: it has no seats.</p>`
  const bounds = boundsOf(seats)
  const periods = soldPeriods(seats)
  const unsold = seats.filter(({ soldMs }) => soldMs === null)
  const named = seats.length <= NAMED_SEATS
  const width = bounds.right - bounds.left
  const height = bounds.bottom - bounds.top
  const caption = `${title}: ${formatFigure(seats.length - unsold.length)} of ${formatCount(seats.length, 'seat')} sold`
  return markup`<figure class="seats">
<figcaption>${caption}</figcaption>
<ul class="legend">${periods.map(
    (period, index) =>
      markup`<li>${swatch(`t${colour(index, periods.length)}`)}${formatPeriod(period)} (${formatFigure(period.seats.length)})</li>`,
  )}${unsold.length === 0 ? null : markup`<li>${swatch('unsold')}not sold (${formatFigure(unsold.length)})</li>`}</ul>
<svg class="map" viewBox="${bounds.left} ${bounds.top} ${width} ${height}" width="${Math.round(width * WIDEST_SEAT_PX)}" height="${Math.round(height * WIDEST_SEAT_PX)}" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${[caption, ...periods.map((period) => `${formatCount(period.seats.length, 'seat')} at ${formatPeriod(period)}`)].join('; ')}</desc>
${unsold.length === 0 ? null : drawSeats(unsold, 'unsold', named)}
${periods.map((period, index) => drawSeats(period.seats, `t${colour(index, periods.length)}`, named))}
</svg>
</figure>
`
}

/** Spreads few periods over all colours, so that they can be told apart. */
const colour = (index: number, periods: number): number =>
  periods === 1 ? 0 : Math.round((index * (PERIODS - 1)) / (periods - 1))

const swatch = (name: string): Markup =>
  markup`<svg class="key" viewBox="0 0 1 1" width="14" height="14" aria-hidden="true"><path class="seat ${name}" d="M.1 .1h.8v.8h-.8z"/></svg>`

function formatPeriod({ fromMs, untilMs }: SoldPeriod): string {
  const [from, until] = [fromMs, untilMs].map((ms) => formatFigure(ms / 1_000))
  return from === until ? `${until} s` : `${from} to ${until} s`
}

function boundsOf(seats: readonly Seat[]): { left: number; top: number; right: number; bottom: number } {
  const margin = (1 - SIDE) / 2
  const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity }
  for (const { x, y } of seats) {
    bounds.left = Math.min(bounds.left, x - margin)
    bounds.top = Math.min(bounds.top, y - margin)
    bounds.right = Math.max(bounds.right, x + SIDE + margin)
    bounds.bottom = Math.max(bounds.bottom, y + SIDE + margin)
  }
  return bounds
}

function drawSeats(seats: readonly Seat[], name: string, named: boolean): Markup {
  if (!named) {
    const path = seats.map(({ x, y }) => `M${x} ${y}${SQUARE}`).join('')
    return markup`<path class="seat dense ${name}" d="${path}"/>`
  }
  const squares = seats.map(({ label, x, y, soldMs }) => {
    const when = soldMs === null ? 'not sold' : `sold at ${formatFigure(soldMs / 1_000)} s`
    return markup`<path d="M${x} ${y}${SQUARE}"><title>${label}: ${when}</title></path>`
  })
  return markup`<g class="seat ${name}">${squares}</g>`
}

const SQUARE = `h${SIDE}v${SIDE}h-${SIDE}z`
