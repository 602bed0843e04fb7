import type { WatchersOutcome } from '../results/results.ts'
import { type AvailabilityMessage, messageReader } from './availability-messages.ts'
import { EventStreams } from './event-streams.ts'
import type { Watchers as Plan } from './plan.ts'
import type { TicketWatcher, WatcherDelays } from './watcher-delays.ts'

/** Opened at a time, so that the server's queue of new connections is not what is tested. */
const OPENED_AT_ONCE = 50

/** Clients with an open stream of one resource's availability each, who take turns with the resources. */
export class Watchers {
  readonly #streams: EventStreams
  readonly #plan: Plan
  readonly #delays: WatcherDelays
  readonly #now: () => number
  #connected = 0
  #messages = 0
  #closed = false

  constructor(url: string, plan: Plan, delays: WatcherDelays, now: () => number) {
    this.#streams = new EventStreams(url, plan.count)
    this.#plan = plan
    this.#delays = delays
    this.#now = now
  }

  /** Resolves when every watcher has its snapshot, or could not be connected. */
  async open(): Promise<void> {
    const resources = resourcesOf(this.#plan)
    if (resources.length === 0) return
    const watched = Array.from({ length: this.#plan.count }, (_, index) => resources[index % resources.length])
    const left = watched.values()
    const openInTurn = async () => {
      for (const resource of left) if (resource !== undefined) await this.#watch(resource)
    }
    await Promise.all(Array.from({ length: OPENED_AT_ONCE }, openInTurn))
  }

  /** Streams that are open now are the connected ones: a watcher whose stream ended is not. */
  outcome(): WatchersOutcome {
    return {
      watchers: this.#plan.count,
      connected: this.#connected,
      messages: this.#messages,
      delay: this.#delays.latency,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#streams.close()
  }

  /** Opens one stream. Resolves with its snapshot, or its end. */
  #watch({ path, showtimeId, readMessage }: WatchedResource): Promise<void> {
    return new Promise((resolve) => {
      let open = false
      const end = () => {
        if (open && !this.#closed) this.#connected--
        open = false
        resolve()
      }
      const tickets = new Map<string, TicketWatcher | null>()
      const onEvent = (event: string, data: string) => {
        const message = readMessage(data)
        if (event === 'snapshot') {
          if (!open) this.#connected++
          open = true
          for (const { ticketTypeId, sold } of message.sold) {
            tickets.set(ticketTypeId, this.#delays.watchTickets(ticketTypeId, sold))
          }
          resolve()
        } else if (event === 'change') {
          this.#messages++
          this.#onChange(message, showtimeId, tickets)
        }
      }
      this.#streams
        .open({ path, token: null, onEvent })
        .then(({ ended }) => ended)
        .then(end, end)
    })
  }

  #onChange(
    { taken, released, sold }: AvailabilityMessage,
    showtimeId: string | null,
    tickets: ReadonlyMap<string, TicketWatcher | null>,
  ): void {
    const atMs = this.#now()
    if (showtimeId !== null) this.#delays.seatsSeen(showtimeId, taken, released, atMs)
    for (const { ticketTypeId, sold: soldNow } of sold) tickets.get(ticketTypeId)?.seen(soldNow, atMs)
  }
}

interface WatchedResource {
  readonly path: string
  /** `null` for an event. */
  readonly showtimeId: string | null
  /** One for all who watch the resource. */
  readonly readMessage: (data: string) => AvailabilityMessage
}

function resourcesOf({ tickets, seats }: Plan): WatchedResource[] {
  const eventIds = new Set(tickets.map(({ eventId }) => eventId))
  return [
    ...[...eventIds].map((id) => ({ path: `/v1/events/${id}/availability/stream`, showtimeId: null })),
    ...seats.map(({ showtimeId: id }) => ({ path: `/v1/showtimes/${id}/availability/stream`, showtimeId: id })),
  ].map((resource) => ({ ...resource, readMessage: messageReader() }))
}
