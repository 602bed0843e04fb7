/**
 * Availability of a showtime or an event: as read from the database (`AvailabilityReading`), as clients see it at a
 * moment (`Availability`), and as a change from one version to the next (`AvailabilityChange`). Amounts are integer
 * minor units, times of readings milliseconds since the epoch.
 */
export type AvailabilityReading = ShowtimeReading | EventReading

export interface ShowtimeReading extends ShowtimeAvailability {
  readonly kind: 'showtime'
}

export interface EventReading {
  readonly kind: 'event'
  readonly version: number
  readonly published: boolean
  readonly startsAt: number
  readonly ticketTypes: readonly TicketTypeReading[]
}

export interface TicketTypeReading {
  readonly id: string
  readonly name: string
  readonly price: number
  readonly capacity: number
  readonly sold: number
  readonly active: boolean
  readonly saleStartsAt: number | null
  readonly saleEndsAt: number | null
}

export type Availability = ShowtimeAvailability | EventAvailability

export interface ShowtimeAvailability {
  readonly version: number
  /** Labels of the seats that are held or sold, in the order of the layout. */
  readonly taken: readonly string[]
  /** Seats that are never sold count in neither number. A category without a price is not for sale. */
  readonly categories: readonly {
    readonly id: string
    readonly name: string
    readonly price: number | null
    readonly total: number
    readonly available: number
  }[]
}

export interface EventAvailability {
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
  /** True while its sale window is open, whether or not any are left. */
  readonly onSale: boolean
  readonly saleStartsAt: string | null
  readonly saleEndsAt: string | null
}

export type AvailabilityChange = ShowtimeChange | EventChange

/** Counts are absolute and cover every category, so that applying a change twice does no harm. */
export interface ShowtimeChange {
  readonly version: number
  readonly taken: readonly string[]
  readonly released: readonly string[]
  readonly categories: readonly { readonly id: string; readonly available: number }[]
}

/** Covers every ticket type, for sales also open and close by the clock, without a new version. */
export interface EventChange {
  readonly version: number
  readonly ticketTypes: readonly Pick<TicketTypeAvailability, 'id' | 'sold' | 'available' | 'onSale'>[]
}

/** A reading at a moment. */
export interface AvailabilityMoment {
  readonly availability: Availability
  /** Differs wherever `availability` does: the version, and for events which sales are open. */
  readonly tag: string
  /** The availability is the same until then, unless the version changes; `Infinity` for showtimes. */
  readonly untilMs: number
}

/** Returns a reading as clients see it at `nowMs`. */
export function availabilityAt(reading: AvailabilityReading, nowMs: number): AvailabilityMoment {
  switch (reading.kind) {
    case 'showtime': {
      const { version, taken, categories } = reading
      return { availability: { version, taken, categories }, tag: String(version), untilMs: Number.POSITIVE_INFINITY }
    }
    case 'event': {
      const ticketTypes = reading.ticketTypes.map((type) => ticketTypeAt(reading, type, nowMs))
      const open = ticketTypes.map(({ onSale }) => (onSale ? '1' : '0')).join('')
      return {
        availability: { version: reading.version, ticketTypes },
        tag: `${reading.version}-${open}`,
        untilMs: nextBoundary(reading, nowMs),
      }
    }
  }
}

/**
 * Returns the change that turns `before` into `after`. `null` if no change can express it, because prices, names or
 * ticket types themselves have changed: the client then needs all of `after`.
 */
export function changeBetween(before: Availability, after: Availability): AvailabilityChange | null {
  if ('taken' in before && 'taken' in after) return showtimeChange(before, after)
  if ('ticketTypes' in before && 'ticketTypes' in after) return eventChange(before, after)
  return null
}

function ticketTypeAt(event: EventReading, type: TicketTypeReading, nowMs: number): TicketTypeAvailability {
  const { id, name, price, capacity, sold } = type
  const onSale =
    event.published &&
    nowMs < event.startsAt &&
    type.active &&
    (type.saleStartsAt === null || nowMs >= type.saleStartsAt) &&
    (type.saleEndsAt === null || nowMs < type.saleEndsAt)
  const available = Math.max(0, capacity - sold)
  const [saleStartsAt, saleEndsAt] = [toInstant(type.saleStartsAt), toInstant(type.saleEndsAt)]
  return { id, name, price, capacity, sold, available, onSale, saleStartsAt, saleEndsAt }
}

function nextBoundary(event: EventReading, nowMs: number): number {
  const boundaries = event.ticketTypes.flatMap(({ saleStartsAt, saleEndsAt }) => [saleStartsAt, saleEndsAt])
  const ahead = [event.startsAt, ...boundaries].filter((boundary) => boundary !== null && boundary > nowMs)
  return Math.min(Number.POSITIVE_INFINITY, ...ahead.map(Number))
}

function showtimeChange(before: ShowtimeAvailability, after: ShowtimeAvailability): ShowtimeChange | null {
  const fixed = ({ categories }: ShowtimeAvailability) =>
    JSON.stringify(categories.map(({ id, name, price, total }) => [id, name, price, total]))
  if (fixed(before) !== fixed(after)) return null
  const [takenBefore, takenAfter] = [new Set(before.taken), new Set(after.taken)]
  return {
    version: after.version,
    taken: after.taken.filter((label) => !takenBefore.has(label)),
    released: before.taken.filter((label) => !takenAfter.has(label)),
    categories: after.categories.map(({ id, available }) => ({ id, available })),
  }
}

function eventChange(before: EventAvailability, after: EventAvailability): EventChange | null {
  const fixed = ({ ticketTypes }: EventAvailability) =>
    JSON.stringify(
      ticketTypes.map((type) => [type.id, type.name, type.price, type.capacity, type.saleStartsAt, type.saleEndsAt]),
    )
  if (fixed(before) !== fixed(after)) return null
  return {
    version: after.version,
    ticketTypes: after.ticketTypes.map(({ id, sold, available, onSale }) => ({ id, sold, available, onSale })),
  }
}

function toInstant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
