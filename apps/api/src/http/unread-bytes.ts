import type { RequestHandler, Response } from 'express'
import type { ClientNetwork } from '@boxoffice/core/limits/client-network.ts'
import type { AddressShares } from './address-shares.ts'
import { clientNetworks } from './client-address.ts'
import { tooMany } from './too-many.ts'
import { SharedBodies } from './shared-bodies.ts'

/** Answers that a client takes longer for make room for others, once there is no room left. */
const MAY_BE_CUT_AFTER_MS = 5_000
const RETRY_AFTER_S = 5

interface Kept {
  readonly networks: readonly ClientNetwork[]
  readonly sinceMs: number
  /** Kept for this answer alone. */
  bytes: number
  /** Kept for all answers that have this very body. */
  body: Uint8Array | null
}

/**
 * Bytes of answers that their clients have not read yet and that this process has to keep, counted by the client's address.
 *
 * Invariant: no more than `shares.total` are kept, and of those an address has no more than its share; one answer it may
 * always have. What is over is cut off, which its client sees as a broken connection. An address that is at its share is
 * answered 429 before anything is made for it. A buffer that is the body of many answers is there once, and counts once:
 * in all, and for each address.
 *
 * Tempting and wrong: to count what was sent. The kernel takes most answers whole, and these cost nothing here.
 */
export class UnreadBytes {
  readonly #shares: AddressShares
  readonly #stalledMs: number
  /** Oldest first. */
  readonly #kept = new Map<Response, Kept>()
  readonly #bodies = new SharedBodies()
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

  /** Looks at what is left of an answer after something was written to it; its body, where that was given at once. */
  onWritten(response: Response, written: unknown = null): void {
    const left = response.writableLength
    if (left === 0 || response.req.socket.destroyed) {
      this.#forget(response)
      return
    }
    const kept = this.#kept.get(response) ?? this.#keep(response)
    if (!this.#hold(kept, left, written instanceof Uint8Array ? written : null)) this.#cutOff(response)
    else this.#makeRoom(response)
  }

  /** Answers 429 to an address that has its share of unread bytes already. */
  refuseFull(): RequestHandler {
    return (request, _response, next) => {
      const full = this.size > 0 && !this.#shares.isWithinShare(clientNetworks(request), 1)
      next(full ? tooMany('This address does not read what it is sent.', RETRY_AFTER_S) : undefined)
    }
  }

  #keep(response: Response): Kept {
    const kept = { networks: clientNetworks(response.req), sinceMs: performance.now(), bytes: 0, body: null }
    this.#kept.set(response, kept)
    response.once('close', () => this.#forget(response))
    response.on('drain', () => this.onWritten(response))
    // Node starts this anew as long as the kernel takes something of it, however little.
    response.setTimeout(this.#stalledMs)
    return kept
  }

  /** Counts what is left of an answer. Returns whether its address may have that. */
  #hold(kept: Kept, left: number, newBody: Uint8Array | null): boolean {
    const body = newBody ?? kept.body
    const bytes = Math.max(0, left - (body?.length ?? 0))
    const more = bytes - kept.bytes
    let fits = more <= 0 || this.#shares.isWithinShare(kept.networks, more)
    if (newBody !== null) {
      const { isFirst, firstOf } = this.#bodies.add(newBody, kept.networks)
      fits &&= this.#shares.isWithinShare(firstOf, more + newBody.length)
      this.#shares.take(firstOf, newBody.length, isFirst ? newBody.length : 0)
    }
    this.#shares.giveBack(kept.networks, kept.bytes)
    this.#shares.take(kept.networks, bytes)
    kept.bytes = bytes
    kept.body = body
    return fits
  }

  #forget(response: Response): void {
    const kept = this.#kept.get(response)
    if (kept === undefined) return
    this.#kept.delete(response)
    this.#shares.giveBack(kept.networks, kept.bytes)
    if (kept.body === null) return
    const { isLast, lastOf } = this.#bodies.remove(kept.body, kept.networks)
    this.#shares.giveBack(lastOf, kept.body.length, isLast ? kept.body.length : 0)
  }

  /** Cuts off those who have been reading for longest, or `newest` where they all have just begun. */
  #makeRoom(newest: Response): void {
    while (this.#shares.used > this.#shares.total) {
      const oldest = this.#oldest()
      this.#cutOff(oldest ?? newest)
      if (oldest === null) return
    }
  }

  /** Returns the answer that has been read for longest among those that may be cut off, and that make room if they are. */
  #oldest(): Response | null {
    const beforeMs = performance.now() - MAY_BE_CUT_AFTER_MS
    for (const [response, { sinceMs, bytes, body }] of this.#kept) {
      if (sinceMs > beforeMs) return null
      if (bytes > 0 || (body !== null && this.#bodies.readers(body) === 1)) return response
    }
    return null
  }

  #cutOff(response: Response): void {
    this.#cut += 1
    this.#forget(response)
    // The connection's socket: an answer that waits behind another one has none yet.
    response.req.socket.destroy()
  }
}
