import { Pool } from 'undici'
import { type AvailabilityMessage, messageReader } from './availability-messages.ts'
import { eventReader } from './event-stream.ts'
import type { News, TicketWatcher } from './news.ts'
import type { WatchersOutcome } from './outcome.ts'
import type { Watchers as Plan } from './plan.ts'

/** Opened at a time, so that the server's queue of new connections is not what is tested. */
const OPENED_AT_ONCE = 50
const CONNECTED_WITHIN_MS = 30_000

/** Clients with an open stream of one resource's availability each, who take turns with the resources. */
export class Watchers {
  readonly #pool: Pool
  readonly #plan: Plan
  readonly #news: News
  readonly #now: () => number
  #connected = 0
  #messages = 0
  #closed = false

  constructor(url: string, plan: Plan, news: News, now: () => number) {
    this.#pool = new Pool(url, {
      connections: plan.count,
      pipelining: 1,
      headersTimeout: CONNECTED_WITHIN_MS,
      // A quiet stream is no broken one.
      bodyTimeout: 0,
    })
    this.#plan = plan
    this.#news = news
    this.#now = now
  }

  /** Resolves when every watcher has its snapshot, or could not be connected. */
  async open(): Promise<void> {
    const resources = resourcesOf(this.#plan)
    if (resources.length === 0) return
    for (let opened = 0; opened < this.#plan.count; opened += OPENED_AT_ONCE) {
      const count = Math.min(OPENED_AT_ONCE, this.#plan.count - opened)
      await Promise.all(
        Array.from({ length: count }, (_, index) => {
          const resource = resources[(opened + index) % resources.length]
          return resource === undefined ? Promise.resolve() : this.#watch(resource)
        }),
      )
    }
  }

  /** Streams that are open now are the connected ones: a watcher whose stream ended is not. */
  outcome(): WatchersOutcome {
    return {
      watchers: this.#plan.count,
      connected: this.#connected,
      messages: this.#messages,
      lag: this.#news.lag,
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#pool.destroy()
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
      const read = eventReader()
      const tickets = new Map<string, TicketWatcher | null>()
      this.#pool.dispatch(
        { path, method: 'GET', headers: { accept: 'text/event-stream' } },
        {
          onRequestStart: () => {},
          onResponseData: (_controller, chunk) => {
            for (const { event, data } of read(chunk.toString('latin1'))) {
              const message = readMessage(data)
              if (event === 'snapshot') {
                if (!open) this.#connected++
                open = true
                for (const { ticketTypeId, sold } of message.sold) {
                  tickets.set(ticketTypeId, this.#news.watchTickets(ticketTypeId, sold))
                }
                resolve()
              } else if (event === 'change') {
                this.#messages++
                this.#hear(message, showtimeId, tickets)
              }
            }
          },
          onResponseEnd: end,
          onResponseError: end,
        },
      )
    })
  }

  #hear(
    { taken, released, sold }: AvailabilityMessage,
    showtimeId: string | null,
    tickets: ReadonlyMap<string, TicketWatcher | null>,
  ): void {
    const atMs = this.#now()
    if (showtimeId !== null) this.#news.seatsHeard(showtimeId, taken, released, atMs)
    for (const { ticketTypeId, sold: soldNow } of sold) tickets.get(ticketTypeId)?.heard(soldNow, atMs)
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
