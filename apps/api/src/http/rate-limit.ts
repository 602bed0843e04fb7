import { rateLimit, type Store } from 'express-rate-limit'
import type { Request, Response } from 'express'
import type { HitCounter, Hits } from '@boxoffice/core/limits/hit-counter.ts'
import { Problem } from './problem.ts'

export const WINDOW_MS = 60_000

/** More keys than this are not remembered as over their limit; they are asked for instead. */
const MAX_REMEMBERED = 10_000

export interface RateLimitOptions {
  /** What it is called in the headers, and in the keys of what is counted. */
  readonly name: string
  readonly limit: number
  readonly counter: HitCounter
  readonly keyOf: (request: Request) => string
  /** What a person is told. */
  readonly detail: string
}

/** One limit: so many calls a minute of one key. */
export class RateLimit {
  readonly #options: RateLimitOptions
  readonly #store: RememberingStore
  readonly #middleware: ReturnType<typeof rateLimit>

  constructor(options: RateLimitOptions) {
    const { name, limit, counter, keyOf, detail } = options
    this.#options = options
    this.#store = new RememberingStore(name, limit, counter)
    this.#middleware = rateLimit({
      windowMs: WINDOW_MS,
      limit,
      identifier: name,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      keyGenerator: (request) => keyOf(request),
      store: this.#store,
      // They tell developers of common mistakes, call by call.
      validate: false,
      handler: (_request, response, next) => {
        // The middleware has set it already.
        const retryAfter = String(response.getHeader('Retry-After') ?? '1')
        next(tooMany(detail, retryAfter))
      },
    })
  }

  /** Counts the call. Throws 429 where that is too many. */
  admit(request: Request, response: Response): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.#middleware(request, response, (error?: unknown) => {
        if (error === undefined) resolve()
        else reject(error)
      })
    })
  }

  /** Known to be over its limit already, without asking anybody. */
  isFull(request: Request): boolean {
    return this.#store.isFull(this.#options.keyOf(request))
  }
}

export function tooMany(detail: string, retryAfter: string): Problem {
  return new Problem('too_many_requests', { detail, headers: { 'Retry-After': retryAfter } })
}

/** Counts with a `HitCounter`, which it no longer troubles for a key that is over its limit. */
class RememberingStore implements Store {
  readonly localKeys = false
  readonly prefix: string
  readonly #limit: number
  readonly #counter: HitCounter
  readonly #full = new Map<string, Hits>()

  constructor(name: string, limit: number, counter: HitCounter) {
    this.prefix = `${name}:`
    this.#limit = limit
    this.#counter = counter
  }

  isFull(key: string): boolean {
    const full = this.#full.get(key)
    if (full === undefined) return false
    if (full.resetsAtMs > Date.now()) return true
    this.#full.delete(key)
    return false
  }

  async increment(key: string) {
    const full = this.isFull(key) ? this.#full.get(key) : undefined
    const hits = full ?? (await this.#counter.hit(this.prefix + key, WINDOW_MS))
    if (full === undefined && hits.count > this.#limit) this.#remember(key, hits)
    return { totalHits: hits.count, resetTime: new Date(hits.resetsAtMs) }
  }

  decrement(): void {
    throw new Error('a hit is never taken back')
  }

  resetKey(): void {
    throw new Error('a count is never reset')
  }

  #remember(key: string, hits: Hits): void {
    const [oldest] = this.#full.keys()
    if (oldest !== undefined && this.#full.size >= MAX_REMEMBERED) this.#full.delete(oldest)
    this.#full.set(key, hits)
  }
}
