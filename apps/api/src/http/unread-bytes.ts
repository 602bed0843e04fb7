import type { RequestHandler, Response } from 'express'
import type { AddressBlock } from './address-blocks.ts'
import type { AddressShares } from './address-shares.ts'
import { clientBlocks } from './client-address.ts'
import { tooMany } from './rate-limit.ts'

/** Answers that a client takes longer for make room for others, once there is no room left. */
const MAY_BE_CUT_AFTER_MS = 5_000
const RETRY_AFTER_S = '5'

interface Kept {
  readonly blocks: readonly AddressBlock[]
  readonly sinceMs: number
  bytes: number
}

/**
 * Bytes of answers that their clients have not read yet and that this process has to keep, counted by the client's address.
 *
 * Invariant: no more than `shares.total` are kept, and of those an address has no more than its share; one answer it may
 * always have. What is over is cut off, which its client sees as a broken connection. An address that is at its share is
 * answered 429 before anything is made for it.
 *
 * Tempting and wrong: to count what was sent. The kernel takes most answers whole, and these cost nothing here.
 */
export class UnreadBytes {
  readonly #shares: AddressShares
  readonly #stalledMs: number
  /** Oldest first. */
  readonly #kept = new Map<Response, Kept>()
  #cut = 0

  /** @param stalledMs a client that reads nothing for this long, while there is something to read, is cut off; 0 for never */
  constructor(shares: AddressShares, stalledMs: number) {
    this.#shares = shares
    this.#stalledMs = stalledMs
  }

  /** Returns the bytes kept at the moment. */
  get size(): number {
    return this.#shares.used
  }

  /** Returns how many answers were cut off so far because too much was unread. */
  get cut(): number {
    return this.#cut
  }

  /** Looks at what is left of an answer after something was written to it. */
  onWritten(response: Response): void {
    const bytes = response.writableLength
    if (bytes === 0 || response.req.socket.destroyed) {
      this.#forget(response)
      return
    }
    const kept = this.#kept.get(response) ?? this.#keep(response)
    this.#shares.giveBack(kept.blocks, kept.bytes)
    const fits = this.#shares.isWithinShare(kept.blocks, bytes)
    this.#shares.take(kept.blocks, bytes)
    kept.bytes = bytes
    if (!fits) this.#cutOff(response)
    else this.#makeRoom(response)
  }

  /** Answers 429 to an address that has its share of unread bytes already. */
  refuseFull(): RequestHandler {
    return (request, _response, next) => {
      const full = this.size > 0 && !this.#shares.isWithinShare(clientBlocks(request), 1)
      next(full ? tooMany('This address does not read what it is sent.', RETRY_AFTER_S) : undefined)
    }
  }

  #keep(response: Response): Kept {
    const kept = { blocks: clientBlocks(response.req), sinceMs: performance.now(), bytes: 0 }
    this.#kept.set(response, kept)
    response.once('close', () => this.#forget(response))
    response.on('drain', () => this.onWritten(response))
    // Node starts this anew as long as the kernel takes something of it, however little.
    response.setTimeout(this.#stalledMs)
    return kept
  }

  #forget(response: Response): void {
    const kept = this.#kept.get(response)
    if (kept === undefined) return
    this.#kept.delete(response)
    this.#shares.giveBack(kept.blocks, kept.bytes)
  }

  /** Cuts off those who have been reading for longest, or `newest` where they all have just begun. */
  #makeRoom(newest: Response): void {
    while (this.#shares.used > this.#shares.total) {
      const [oldest] = this.#kept
      const mayBeCut = oldest !== undefined && performance.now() - oldest[1].sinceMs > MAY_BE_CUT_AFTER_MS
      this.#cutOff(mayBeCut ? oldest[0] : newest)
      if (!mayBeCut) return
    }
  }

  #cutOff(response: Response): void {
    this.#cut += 1
    this.#forget(response)
    // Of the connection: an answer that waits behind another one has none yet.
    response.req.socket.destroy()
  }
}
