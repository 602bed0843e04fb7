import { rateLimit, type Store } from 'express-rate-limit'
import type { Request, Response } from 'express'
import type { HitCounter } from '@boxoffice/core/limits/hit-counter.ts'
import { RememberingCounter } from './remembering-counter.ts'
import { secondsUntilReset, tooMany } from '../too-many.ts'

export const WINDOW_MS = 60_000

/** A key that a call counts for. */
export interface Counted {
  readonly key: string
  /** Multiple of the limit. */
  readonly times: number
}

export interface RateLimitOptions {
  /** Name in the headers, and in the keys of what is counted. */
  readonly name: string
  readonly limit: number
  /** Time in which so many calls may come; a minute unless given. */
  readonly windowMs?: number
  readonly counter: HitCounter
  /** Returns the keys that a request counts for, at least one. The headers describe the first. */
  readonly countedFor: (request: Request) => readonly Counted[]
  /** Sentence for a person. */
  readonly detail: string
}

/** One limit: so many calls in a time of each that a call counts for. */
export class RateLimit {
  readonly #options: RateLimitOptions
  readonly #counter: RememberingCounter
  readonly #middleware: ReturnType<typeof rateLimit>

  constructor(options: RateLimitOptions) {
    const { name, limit, windowMs = WINDOW_MS, counter, countedFor, detail } = options
    this.#options = options
    this.#counter = new RememberingCounter(counter, windowMs)
    this.#middleware = rateLimit({
      windowMs,
      limit,
      identifier: name,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      keyGenerator: (request) => countedFor(request)[0]?.key ?? '',
      store: storeOf(this.#counter, name, limit),
      // They tell developers of common mistakes, call by call.
      validate: false,
      handler: (_request, response, next) => {
        // The middleware has set it already.
        next(tooMany(detail, Number(response.getHeader('Retry-After') ?? 1)))
      },
    })
  }

  /** Counts the call. Throws 429 where that is too many. */
  async admit(request: Request, response: Response): Promise<void> {
    const [narrowest, ...wider] = this.#options.countedFor(request)
    // What is refused in any case is not counted for the wider ones: one network must not use up what others have.
    const refused = narrowest !== undefined && this.#counter.isFull(this.#keyOf(narrowest))
    const counted = refused ? [] : wider.map((one) => this.#admitWider(one))
    // Waits for all, so that the headers are complete.
    const own = this.#admitFirst(request, response)
    await Promise.allSettled([own, ...counted])
    await Promise.all([own, ...counted])
  }

  /** Returns whether the request is known to be over its limit already, without asking anybody. */
  isFull(request: Request): boolean {
    return this.#options.countedFor(request).some((one) => this.#counter.isFull(this.#keyOf(one)))
  }

  #admitFirst(request: Request, response: Response): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.#middleware(request, response, (error?: unknown) => {
        if (error === undefined) resolve()
        else reject(error)
      })
    })
  }

  async #admitWider(one: Counted): Promise<void> {
    const limit = this.#options.limit * one.times
    const hits = await this.#counter.hit(this.#keyOf(one), limit)
    if (hits.count > limit) throw tooMany(this.#options.detail, secondsUntilReset([hits]))
  }

  #keyOf({ key }: Counted): string {
    return `${this.#options.name}:${key}`
  }
}

function storeOf(counter: RememberingCounter, name: string, limit: number): Store {
  return {
    localKeys: false,
    prefix: `${name}:`,
    increment: async (key) => {
      const { count, resetsAtMs } = await counter.hit(`${name}:${key}`, limit)
      return { totalHits: count, resetTime: new Date(resetsAtMs) }
    },
    decrement: () => {
      throw new Error('a hit is never taken back')
    },
    resetKey: () => {
      throw new Error('a count is never reset')
    },
  }
}
