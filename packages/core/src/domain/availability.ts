import type { Quota } from './quota.ts'
import { nextSaleChange, type SaleTimes, saleState, withSalesEnd } from './sale-window.ts'

/**
 * Availability of a showtime or an event: as read from the database (`AvailabilityReading`), as clients see it at a
 * moment (`Availability`), and as a change from one version to the next (`AvailabilityChange`). Amounts are integer
 * minor units, times of readings milliseconds since the epoch.
 */
export type AvailabilityReading = ShowtimeReading | EventReading

export interface ShowtimeReading extends Omit<ShowtimeAvailability, 'onSale'>, SaleTimes {
  readonly kind: 'showtime'
  readonly active: boolean
}

/** Seats and areas of a house: of a showtime, or of an event that has one. */
export interface HouseAvailability {
  /** Labels of the seats that are held, sold or kept, in the order of the layout. */
  readonly taken: readonly string[]
  /**
   * Seats and places of areas. Seats that are never sold count in neither number. A category without a price is not for
   * sale.
   */
  readonly categories: readonly {
    readonly id: string
    readonly name: string
    readonly price: number | null
    readonly total: number
    readonly available: number
  }[]
  /** Areas in the order of the layout. */
  readonly areas: readonly {
    readonly label: string
    readonly categoryId: string
    readonly capacity: number
    readonly available: number
  }[]
}

export interface EventReading extends SaleTimes {
  readonly kind: 'event'
  readonly version: number
  readonly published: boolean
  readonly quotas: readonly Quota[]
  readonly ticketTypes: readonly TicketTypeReading[]
  /** `null` for an event without a house. */
  readonly house: HouseAvailability | null
}

export interface TicketTypeReading {
  readonly id: string
  readonly name: string
  readonly price: number
  readonly capacity: number
  readonly sold: number
  readonly active: boolean
  /** Counts in quotas, and is not shown. */
  readonly hidden: boolean
  readonly saleStartsAt: number | null
  readonly saleEndsAt: number | null
}

export type Availability = ShowtimeAvailability | EventAvailability

/** A house whose places the public can book or not. */
interface HouseOnSale extends HouseAvailability {
  /** True while the public can book, whether or not any places are left. */
  readonly onSale: boolean
}

export interface ShowtimeAvailability extends HouseOnSale {
  readonly version: number
}

/** An event with a house has its seats and areas too. */
export interface EventAvailability extends Partial<HouseOnSale> {
  readonly version: number
  readonly ticketTypes: readonly TicketTypeAvailability[]
}

export interface TicketTypeAvailability {
  readonly id: string
  readonly name: string
  readonly price: number
  readonly capacity: number
  readonly sold: number
  readonly available: number
  /** True while the public can book it, whether or not any are left: the sale windows of both the event and the type are open. */
  readonly onSale: boolean
  readonly saleStartsAt: string | null
  readonly saleEndsAt: string | null
}

export type AvailabilityChange = ShowtimeChange | EventChange

/** Counts are absolute and cover every category and area, so that applying a change twice does no harm. */
export interface HouseChange {
  /** Sales open and close by the clock, without a new version. */
  readonly onSale: boolean
  readonly taken: readonly string[]
  readonly released: readonly string[]
  readonly categories: readonly { readonly id: string; readonly available: number }[]
  readonly areas: readonly { readonly label: string; readonly available: number }[]
}

export interface ShowtimeChange extends HouseChange {
  readonly version: number
}

/** Covers every ticket type, for sales also open and close by the clock, without a new version. */
export interface EventChange extends Partial<HouseChange> {
  readonly version: number
  readonly ticketTypes: readonly Pick<TicketTypeAvailability, 'id' | 'sold' | 'available' | 'onSale'>[]
}

/** A reading at a moment. */
export interface AvailabilityMoment {
  readonly availability: Availability
  /** Differs wherever `availability` does: the version, and which sales are open. */
  readonly tag: string
  /** The availability is the same until then, unless the version changes. */
  readonly untilMs: number
  /** The clock may have changed the availability of this version before. */
  readonly movesByClock: boolean
}

/**
 * Returns a reading as clients see it at `nowMs`.
 *
 * @param showtimeSellsForMs as in `salesEnd`
 */
export function availabilityAt(
  reading: AvailabilityReading,
  nowMs: number,
  showtimeSellsForMs?: number,
): AvailabilityMoment {
  const times = withSalesEnd<SaleTimes>(reading, showtimeSellsForMs)
  const isOpen = saleState(times, nowMs, 'public') === 'open'
  switch (reading.kind) {
    case 'showtime': {
      const { version, taken, categories, areas } = reading
      const onSale = reading.active && isOpen
      return {
        availability: { version, onSale, taken, categories, areas },
        tag: onSale ? String(version) : `${version}-0`,
        untilMs: nextSaleChange(times, nowMs),
        movesByClock: reading.active && (!onSale || reading.salesStartAt !== null),
      }
    }
    case 'event': {
      const shown = reading.ticketTypes.filter(({ hidden }) => !hidden)
      const leftInQuotas = leastLeft(reading)
      const sells = reading.published && isOpen
      const ticketTypes = shown.map((type) => ticketTypeAt(type, sells, leftInQuotas.get(type.id), nowMs))
      const house = reading.house === null ? null : { onSale: sells, ...reading.house }
      const open = [...(house === null ? [] : [house]), ...ticketTypes]
        .map(({ onSale }) => (onSale ? '1' : '0'))
        .join('')
      return {
        availability: { version: reading.version, ...house, ticketTypes },
        tag: `${reading.version}-${open}`,
        untilMs: nextBoundary(times, shown, nowMs),
        movesByClock: true,
      }
    }
  }
}

/**
 * Returns the change that turns `before` into `after`. `null` if no change can express it, because prices, names or
 * ticket types themselves have changed: the client then needs all of `after`.
 */
export function changeBetween(before: Availability, after: Availability): AvailabilityChange | null {
  const { version } = after
  const house = isHouse(before) && isHouse(after) ? houseChange(before, after) : null
  if (house === null && (isHouse(before) || isHouse(after))) return null
  if (!('ticketTypes' in before) && !('ticketTypes' in after)) return house === null ? null : { version, ...house }
  if (!('ticketTypes' in before) || !('ticketTypes' in after)) return null
  const tickets = ticketTypesChange(before, after)
  return tickets === null ? null : { version, ...house, ...tickets }
}

type House = HouseOnSale & { readonly version: number }

const isHouse = (availability: Availability): availability is Availability & House => availability.taken !== undefined

function ticketTypeAt(
  type: TicketTypeReading,
  eventSells: boolean,
  leftInQuotas: number | undefined,
  nowMs: number,
): TicketTypeAvailability {
  const { id, name, price, capacity, sold } = type
  const onSale =
    eventSells &&
    type.active &&
    (type.saleStartsAt === null || nowMs >= type.saleStartsAt) &&
    (type.saleEndsAt === null || nowMs < type.saleEndsAt)
  const available = Math.max(0, Math.min(capacity - sold, leftInQuotas ?? capacity))
  const [saleStartsAt, saleEndsAt] = [toInstant(type.saleStartsAt), toInstant(type.saleEndsAt)]
  return { id, name, price, capacity, sold, available, onSale, saleStartsAt, saleEndsAt }
}

/** Returns the least that is left in the quotas of each ticket type that has one. */
function leastLeft({ quotas, ticketTypes }: EventReading): ReadonlyMap<string, number> {
  const sold = new Map(ticketTypes.map((type) => [type.id, type.sold]))
  const least = new Map<string, number>()
  for (const { capacity, ticketTypeIds } of quotas) {
    const left = ticketTypeIds.reduce((rest, id) => rest - (sold.get(id) ?? 0), capacity)
    for (const id of ticketTypeIds) least.set(id, Math.min(left, least.get(id) ?? left))
  }
  return least
}

function nextBoundary(times: SaleTimes, ticketTypes: readonly TicketTypeReading[], nowMs: number): number {
  const boundaries = ticketTypes.flatMap(({ saleStartsAt, saleEndsAt }) => [saleStartsAt, saleEndsAt])
  const ahead = boundaries.filter((boundary) => boundary !== null && boundary > nowMs)
  return Math.min(nextSaleChange(times, nowMs), ...ahead.map(Number))
}

function houseChange(before: HouseOnSale, after: HouseOnSale): HouseChange | null {
  const fixed = ({ categories, areas }: HouseAvailability) =>
    JSON.stringify([
      categories.map(({ id, name, price, total }) => [id, name, price, total]),
      areas.map(({ label, categoryId, capacity }) => [label, categoryId, capacity]),
    ])
  if (fixed(before) !== fixed(after)) return null
  const [takenBefore, takenAfter] = [new Set(before.taken), new Set(after.taken)]
  return {
    onSale: after.onSale,
    taken: after.taken.filter((label) => !takenBefore.has(label)),
    released: before.taken.filter((label) => !takenAfter.has(label)),
    categories: after.categories.map(({ id, available }) => ({ id, available })),
    areas: after.areas.map(({ label, available }) => ({ label, available })),
  }
}

function ticketTypesChange(
  before: EventAvailability,
  after: EventAvailability,
): Pick<EventChange, 'ticketTypes'> | null {
  const fixed = ({ ticketTypes }: EventAvailability) =>
    JSON.stringify(
      ticketTypes.map((type) => [type.id, type.name, type.price, type.capacity, type.saleStartsAt, type.saleEndsAt]),
    )
  if (fixed(before) !== fixed(after)) return null
  return { ticketTypes: after.ticketTypes.map(({ id, sold, available, onSale }) => ({ id, sold, available, onSale })) }
}

function toInstant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
