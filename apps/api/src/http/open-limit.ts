import type { Response } from 'express'
import type { Counted } from './rate-limit.ts'
import { tooMany } from './too-many.ts'

/** Whoever has so many open will close some, or goes on polling. */
export const RETRY_AFTER_S = 30

/** How many answers of one key may be open at a time in this process; for answers that last, such as streams. */
export class OpenLimit {
  readonly #limit: number
  readonly #detail: string
  readonly #open = new Map<string, number>()

  /** @param detail what a person is told */
  constructor(limit: number, detail: string) {
    this.#limit = limit
    this.#detail = detail
  }

  /** Counts the answer for all of these until it is closed. Throws 429 where that is one too many for any. */
  admit(countedFor: readonly Counted[], response: Response): void {
    const isFull = ({ key, times }: Counted) => (this.#open.get(key) ?? 0) >= this.#limit * times
    if (countedFor.some(isFull)) throw tooMany(this.#detail, RETRY_AFTER_S)
    // A client that is gone already gets no further event, and counts for nothing.
    if (response.closed) return
    for (const { key } of countedFor) this.#open.set(key, (this.#open.get(key) ?? 0) + 1)
    response.once('close', () => {
      for (const { key } of countedFor) this.#close(key)
    })
  }

  #close(key: string): void {
    const left = (this.#open.get(key) ?? 1) - 1
    if (left === 0) this.#open.delete(key)
    else this.#open.set(key, left)
  }
}
