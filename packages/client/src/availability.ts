import type { BoxofficeClient } from './client.ts'
import { followStream } from './follow-stream.ts'
import type { AnswerOf } from './types.ts'

export type ShowtimeAvailability = AnswerOf<'getShowtimeAvailability'>
export type EventAvailability = AnswerOf<'getEventAvailability'>

type HouseAvailability = Pick<ShowtimeAvailability, 'onSale' | 'taken' | 'categories' | 'areas'>
type TicketTypeAvailability = EventAvailability['ticketTypes'][number]

/** Changes since the version before: seats taken and released, counts by id, and of areas by label. */
interface HouseChange {
  readonly onSale: boolean
  readonly taken: readonly string[]
  readonly released: readonly string[]
  readonly categories: readonly Pick<HouseAvailability['categories'][number], 'id' | 'available'>[]
  readonly areas: readonly Pick<HouseAvailability['areas'][number], 'label' | 'available'>[]
}

interface ShowtimeChange extends HouseChange {
  readonly version: number
}

/** Has the members of a house for an event that has one. */
interface EventChange extends Partial<HouseChange> {
  readonly version: number
  readonly ticketTypes: readonly Pick<TicketTypeAvailability, 'id' | 'sold' | 'available' | 'onSale'>[]
}

/**
 * Yields the availability of a showtime, now and after every change. Rejects with the reason of `signal` if that
 * aborts.
 */
export async function* watchShowtime(
  client: BoxofficeClient,
  id: string,
  signal?: AbortSignal,
): AsyncGenerator<ShowtimeAvailability> {
  let known: ShowtimeAvailability | undefined
  const stream = followStream(client, 'streamShowtimeAvailability', id, signal)
  for await (const { event, data } of stream) {
    if (event === 'snapshot') known = JSON.parse(data) as ShowtimeAvailability
    else if (event === 'change' && known !== undefined) {
      const change = JSON.parse(data) as ShowtimeChange
      known = { version: change.version, ...mergedHouse(known, change) }
    } else continue
    yield known
  }
}

/** Yields the availability of an event, its ticket types and its house if it has one, now and after every change. Rejects like `watchShowtime`. */
export async function* watchEvent(
  client: BoxofficeClient,
  id: string,
  signal?: AbortSignal,
): AsyncGenerator<EventAvailability> {
  let known: EventAvailability | undefined
  for await (const { event, data } of followStream(client, 'streamEventAvailability', id, signal)) {
    if (event === 'snapshot') known = JSON.parse(data) as EventAvailability
    else if (event === 'change' && known !== undefined) {
      const change = JSON.parse(data) as EventChange
      const { onSale, taken, categories, areas } = known
      const isHouse = onSale !== undefined && taken !== undefined && categories !== undefined && areas !== undefined
      known = {
        version: change.version,
        ...(isHouse && mergedHouse({ onSale, taken, categories, areas }, change)),
        ticketTypes: merged(known.ticketTypes, change.ticketTypes),
      }
    } else continue
    yield known
  }
}

function mergedHouse(known: HouseAvailability, change: Partial<HouseChange>): HouseAvailability {
  const { onSale = known.onSale, taken = [], released = [], categories = [], areas = [] } = change
  const gone = new Set(released)
  const availableIn = new Map(areas.map(({ label, available }) => [label, available]))
  return {
    onSale,
    taken: [...known.taken.filter((seat) => !gone.has(seat)), ...taken],
    categories: merged(known.categories, categories),
    areas: known.areas.map((area) => ({ ...area, available: availableIn.get(area.label) ?? area.available })),
  }
}

function merged<Item extends { readonly id: string }>(
  items: readonly Item[],
  changes: readonly (Pick<Item, 'id'> & Partial<Item>)[],
): Item[] {
  const byId = new Map(changes.map((change) => [change.id, change]))
  return items.map((item) => ({ ...item, ...byId.get(item.id) }))
}
