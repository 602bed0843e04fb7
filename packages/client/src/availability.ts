import type { BoxofficeClient } from './client.ts'
import { followStream } from './follow-stream.ts'
import type { AnswerOf } from './types.ts'

export type ShowtimeAvailability = AnswerOf<'getShowtimeAvailability'>
export type EventAvailability = AnswerOf<'getEventAvailability'>

type CategoryAvailability = ShowtimeAvailability['categories'][number]
type TicketTypeAvailability = EventAvailability['ticketTypes'][number]

/** Changes since the version before: seats taken and released, and counts by id. */
interface ShowtimeChange {
  readonly version: number
  readonly taken: readonly string[]
  readonly released: readonly string[]
  readonly categories: readonly Pick<CategoryAvailability, 'id' | 'available'>[]
}

interface EventChange {
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
      const gone = new Set(change.released)
      known = {
        version: change.version,
        taken: [...known.taken.filter((seat) => !gone.has(seat)), ...change.taken],
        categories: merged(known.categories, change.categories),
      }
    } else continue
    yield known
  }
}

/** Yields the availability of an event's ticket types, now and after every change. Rejects like `watchShowtime`. */
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
      known = { version: change.version, ticketTypes: merged(known.ticketTypes, change.ticketTypes) }
    } else continue
    yield known
  }
}

function merged<Item extends { readonly id: string }>(
  items: readonly Item[],
  changes: readonly (Pick<Item, 'id'> & Partial<Item>)[],
): Item[] {
  const byId = new Map(changes.map((change) => [change.id, change]))
  return items.map((item) => ({ ...item, ...byId.get(item.id) }))
}
