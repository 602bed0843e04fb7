import { latencyOf, openHistogram } from '@boxoffice/load-rig/latency.ts'
import { recordMs } from './histogram.ts'
import type { Latency } from '@boxoffice/load-rig/latency.ts'

/**
 * How long watchers wait for the news of a sale: from the moment its outcome was at the buyer's client to the message
 * at each watcher, by the one clock of the generator. News that are there before the outcome count as 0.
 *
 * A seat is known by its label: the message that says it is taken is the news of its booking. Tickets have no label and
 * are known by their number: the booking that made it n tickets sold, as the buyers' outcomes add up, is told by the
 * first message with n or more sold. That holds where every outcome is followed and nothing is released, so other events
 * are left out.
 */
export class News {
  readonly #lag = openHistogram()
  readonly #seats = new Map<string, Map<string, SeatNews>>()
  readonly #counters = new Map<string, CountedSales>()

  /** `counted`: ticket types of which every outcome is followed and nothing is released. */
  constructor(counted: Iterable<string>) {
    for (const ticketTypeId of counted) this.#counters.set(ticketTypeId, { sold: 0, sales: [], watchers: [] })
  }

  /** A client was told that these seats are booked: one booking, so the first of them stands for it. */
  seatsSold(showtimeId: string, labels: readonly string[], atMs: number): void {
    const [label] = labels
    if (label === undefined) return
    const news = this.#seat(showtimeId, label)
    news.soldMs = atMs
    if (news.heardBefore > 0) recordMs(this.#lag, 0, news.heardBefore)
    news.heardBefore = 0
  }

  ticketsSold(ticketTypeId: string, quantity: number, atMs: number): void {
    const counter = this.#counters.get(ticketTypeId)
    if (counter === undefined) return
    counter.sold += quantity
    counter.sales.push({ upTo: counter.sold, atMs })
    for (const watcher of counter.watchers) {
      if (watcher.next !== counter.sales.length - 1 || watcher.heard < counter.sold) continue
      watcher.next++
      recordMs(this.#lag, 0)
    }
  }

  /** A watcher was told that seats were taken and others released. */
  seatsHeard(showtimeId: string, taken: readonly string[], released: readonly string[], atMs: number): void {
    for (const label of released) this.#seats.get(showtimeId)?.delete(label)
    for (const label of taken) {
      const news = this.#seat(showtimeId, label)
      if (news.soldMs === null) news.heardBefore++
      else recordMs(this.#lag, atMs - news.soldMs)
    }
  }

  /** A watcher of a ticket type, of which `sold` were sold when it began; `null` where nothing can be told. */
  watchTickets(ticketTypeId: string, sold: number): TicketWatcher | null {
    const counter = this.#counters.get(ticketTypeId)
    if (counter === undefined) return null
    const watcher = { soldBefore: sold, heard: 0, next: counter.sales.length }
    counter.watchers.push(watcher)
    return {
      heard: (soldNow, atMs) => {
        watcher.heard = soldNow - watcher.soldBefore
        for (;;) {
          const sale = counter.sales[watcher.next]
          if (sale === undefined || sale.upTo > watcher.heard) return
          watcher.next++
          recordMs(this.#lag, atMs - sale.atMs)
        }
      },
    }
  }

  /** `null` where there were no news. */
  get lag(): Latency | null {
    return this.#lag.totalCount === 0 ? null : latencyOf(this.#lag)
  }

  #seat(showtimeId: string, label: string): SeatNews {
    const ofShowtime = this.#seats.get(showtimeId) ?? new Map<string, SeatNews>()
    this.#seats.set(showtimeId, ofShowtime)
    const news = ofShowtime.get(label) ?? { soldMs: null, heardBefore: 0 }
    ofShowtime.set(label, news)
    return news
  }
}

export interface TicketWatcher {
  /** It was told how many are sold now. */
  heard(soldNow: number, atMs: number): void
}

interface SeatNews {
  /** When the outcome was at its client; `null` for none yet. */
  soldMs: number | null
  /** Watchers that knew before. */
  heardBefore: number
}

interface CountedSales {
  sold: number
  readonly sales: { readonly upTo: number; readonly atMs: number }[]
  readonly watchers: { readonly soldBefore: number; heard: number; next: number }[]
}
