import { MAX_SMALL_DOCUMENT } from '@boxoffice/core/tickets/ticket-printer.ts'
import { FairTurnstile } from './fair-turnstile.ts'

const detail = 'The tickets of a booking are printed one after the other.'

/**
 * Those who wait for their tickets to be printed, one PDF at a time. Whoever has gone away meanwhile needs none any more. As
 * with the printer's threads, nobody waits behind a booking of many tickets who has few.
 */
export class PrintQueue {
  readonly #few = new FairTurnstile({ atOnce: 1, maxWaiting: 50, maxWaitingPerKey: 5, waitMs: 30_000, detail })
  readonly #many = new FairTurnstile({ atOnce: 1, maxWaiting: 20, maxWaitingPerKey: 1, waitMs: 180_000, detail })

  /** Runs `work` when it is the booking's turn. Resolves and throws as `FairTurnstile.pass` does. */
  pass<T>(
    booking: { readonly id: string; readonly lines: readonly { readonly quantity: number }[] },
    isWanted: () => boolean,
    work: () => Promise<T>,
  ): Promise<T | null> {
    const tickets = booking.lines.reduce((sum, { quantity }) => sum + quantity, 0)
    return (tickets > MAX_SMALL_DOCUMENT ? this.#many : this.#few).pass(booking.id, isWanted, work)
  }
}
