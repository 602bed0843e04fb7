import type { ClientNetwork } from '@boxoffice/core/limits/client-network.ts'
import { MAX_SMALL_DOCUMENT } from '@boxoffice/core/tickets/ticket-printer.ts'
import { AddressShares } from './address-shares.ts'
import { FairTurnstile } from './fair-turnstile.ts'
import { tooMany } from './too-many.ts'

const detail = 'The tickets of a booking are printed one after the other.'
const RETRY_AFTER_S = 5

/** What waits is a call and no document yet. At 50 ms each, the last of these waits for ten seconds. */
const MAX_WAITING_FEW = 200
const MAX_WAITING_MANY = 20

/** For whom tickets are printed. */
export interface PrintFor {
  readonly booking: { readonly id: string; readonly lines: readonly { readonly quantity: number }[] }
  /** Where the call comes from. */
  readonly networks: readonly ClientNetwork[]
}

interface Line {
  readonly turnstile: FairTurnstile
  readonly places: AddressShares
}

/**
 * Those who wait for their tickets to be printed, one PDF at a time. Whoever has gone away meanwhile needs none any more. As
 * with the printer's threads, nobody waits behind a booking of many tickets who has few. Nor does an address take more than
 * its share of the places: anybody can make bookings that cost nothing, and ask for the tickets of all of them at once.
 */
export class PrintQueue {
  readonly #few: Line
  readonly #many: Line

  /** @param isShared whether an address has its share of the places only */
  constructor(isShared: boolean) {
    const places = (total: number) => new AddressShares({ total: isShared ? total : Number.POSITIVE_INFINITY })
    this.#few = {
      turnstile: new FairTurnstile({
        atOnce: 1,
        maxWaiting: MAX_WAITING_FEW,
        maxWaitingPerKey: 5,
        waitMs: 30_000,
        detail,
      }),
      places: places(MAX_WAITING_FEW),
    }
    this.#many = {
      turnstile: new FairTurnstile({
        atOnce: 1,
        maxWaiting: MAX_WAITING_MANY,
        maxWaitingPerKey: 1,
        waitMs: 180_000,
        detail,
      }),
      places: places(MAX_WAITING_MANY),
    }
  }

  /** Runs `work` when it is the booking's turn. Resolves and throws as `FairTurnstile.pass` does; 429 for a full address. */
  async pass<T>({ booking, networks }: PrintFor, isWanted: () => boolean, work: () => Promise<T>): Promise<T | null> {
    const tickets = booking.lines.reduce((sum, { quantity }) => sum + quantity, 0)
    const { turnstile, places } = tickets > MAX_SMALL_DOCUMENT ? this.#many : this.#few
    if (!places.isWithinShare(networks, 1)) throw tooMany('This address has many tickets printed.', RETRY_AFTER_S)
    places.take(networks, 1)
    try {
      return await turnstile.pass(booking.id, isWanted, work)
    } finally {
      places.giveBack(networks, 1)
    }
  }
}
