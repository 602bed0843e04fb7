import { RawCrowd, rawPost } from '@boxoffice/core/runtime/raw-crowd.ts'
import type { TicketSale } from '../catalogue/hall.ts'

/** A raw crowd that keeps nothing but a count for each second. For what is gone after a second. */
export class CountedCrowd {
  readonly #crowd: RawCrowd
  readonly #startedAt = performance.now()
  /** Answers with 200 or 202, by second from the start. */
  readonly #served: number[] = []
  #others = 0

  /** Connects a client for each of the whole HTTP requests. */
  constructor(port: number, requests: readonly string[]) {
    this.#crowd = new RawCrowd(port, requests, {
      onAnswer: (status) => {
        if (status === 200 || status === 202) this.#count()
        else this.#others += 1
      },
      onLost: () => {
        this.#others += 1
      },
    })
  }

  /** Returns how many were answered with 200 or 202 in each second that is over. */
  get bySecond(): readonly number[] {
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1_000)
    return Array.from({ length: seconds }, (_, second) => this.#served[second] ?? 0)
  }

  /** Returns how many were answered otherwise, or lost their connection. */
  get others(): number {
    return this.#others
  }

  close(): void {
    this.#crowd.close()
  }

  #count(): void {
    const second = Math.floor((performance.now() - this.#startedAt) / 1_000)
    this.#served[second] = (this.#served[second] ?? 0) + 1
  }
}

/** Returns a booking request for two tickets as it goes over the wire. Its sender waits for the outcome for `waitS` seconds. */
export function rawBookingRequest(token: string, { eventId, ticketTypeId }: TicketSale, waitS: number): string {
  return rawPost(
    '/v1/booking-requests',
    { Authorization: `Bearer ${token}`, ...(waitS > 0 ? { Prefer: `wait=${waitS}` } : {}) },
    {
      resource: { type: 'event', id: eventId },
      tickets: [{ ticketTypeId, quantity: 2 }],
      customer: { name: 'Ada Lovelace', email: 'ada@example.org' },
    },
  )
}
