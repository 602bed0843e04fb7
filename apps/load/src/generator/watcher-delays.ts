import { latencyOf, openHistogram, recordMs } from '../measure/latency.ts'
import type { Latency } from '../results/results.ts'
import type { Watchers } from './plan.ts'

/**
 * Measures how long watchers wait for the message about a sale, by the one clock of the generator: from the moment its
 * outcome was at the buyer's client, or its request was sent, to the message at each watcher. Messages that come before count as 0.
 *
 * A seat is known by its label: the message that says it is taken is about its booking. Tickets have no label and are
 * known by their number: the booking that made it n tickets sold, as the buyers' outcomes add up, is in the first message
 * with n or more sold. That holds where every outcome is followed and nothing is released, so other events are left out.
 */
export class WatcherDelays {
  readonly since: NonNullable<Watchers['since']>
  readonly #histogram = openHistogram()
  readonly #seats = new Map<string, Map<string, SeatSale>>()
  readonly #counters = new Map<string, CountedSales>()

  /** Takes `counted`: ticket types of which every outcome is followed and nothing is released. */
  constructor(counted: Iterable<string>, since: NonNullable<Watchers['since']> = 'outcome') {
    this.since = since
    for (const ticketTypeId of counted) this.#counters.set(ticketTypeId, { sold: 0, sales: [], watchers: [] })
  }

  /** Notes that a client was told that these seats are booked: one booking, so the first of them stands for it. */
  seatsSold(showtimeId: string, labels: readonly string[], atMs: number): void {
    const [label] = labels
    if (label === undefined) return
    const sale = this.#seat(showtimeId, label)
    sale.soldMs = atMs
    if (sale.seenBefore > 0) recordMs(this.#histogram, 0, sale.seenBefore)
    sale.seenBefore = 0
  }

  ticketsSold(ticketTypeId: string, quantity: number, atMs: number): void {
    const counter = this.#counters.get(ticketTypeId)
    if (counter === undefined) return
    counter.sold += quantity
    counter.sales.push({ upTo: counter.sold, atMs })
    for (const watcher of counter.watchers) {
      if (watcher.next !== counter.sales.length - 1 || watcher.seen < counter.sold) continue
      watcher.next++
      recordMs(this.#histogram, 0)
    }
  }

  /** Notes that a watcher was told that seats were taken and others released. */
  seatsSeen(showtimeId: string, taken: readonly string[], released: readonly string[], atMs: number): void {
    for (const label of released) this.#seats.get(showtimeId)?.delete(label)
    for (const label of taken) {
      const sale = this.#seat(showtimeId, label)
      if (sale.soldMs === null) sale.seenBefore++
      else recordMs(this.#histogram, atMs - sale.soldMs)
    }
  }

  /** Returns a watcher of a ticket type, of which `sold` were sold when it began; `null` if nothing can be told. */
  watchTickets(ticketTypeId: string, sold: number): TicketWatcher | null {
    const counter = this.#counters.get(ticketTypeId)
    if (counter === undefined) return null
    const watcher = { soldBefore: sold, seen: 0, next: counter.sales.length }
    counter.watchers.push(watcher)
    return {
      seen: (soldNow, atMs) => {
        watcher.seen = soldNow - watcher.soldBefore
        for (;;) {
          const sale = counter.sales[watcher.next]
          if (sale === undefined || sale.upTo > watcher.seen) return
          watcher.next++
          recordMs(this.#histogram, atMs - sale.atMs)
        }
      },
    }
  }

  /** Returns `null` where nothing was measured. */
  get latency(): Latency | null {
    return this.#histogram.totalCount === 0 ? null : latencyOf(this.#histogram)
  }

  #seat(showtimeId: string, label: string): SeatSale {
    const ofShowtime = this.#seats.get(showtimeId) ?? new Map<string, SeatSale>()
    this.#seats.set(showtimeId, ofShowtime)
    const sale = ofShowtime.get(label) ?? { soldMs: null, seenBefore: 0 }
    ofShowtime.set(label, sale)
    return sale
  }
}

export interface TicketWatcher {
  /** It was told how many are sold now. */
  seen(soldNow: number, atMs: number): void
}

interface SeatSale {
  /** The time at which the outcome was at its client; `null` for none yet. */
  soldMs: number | null
  /** Watchers that knew before. */
  seenBefore: number
}

interface CountedSales {
  sold: number
  readonly sales: { readonly upTo: number; readonly atMs: number }[]
  readonly watchers: { readonly soldBefore: number; seen: number; next: number }[]
}
