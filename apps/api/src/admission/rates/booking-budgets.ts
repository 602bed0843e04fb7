import type { HitCounter } from '@boxoffice/core/limits/hit-counter.ts'
import {
  overRefusals,
  REFUSAL_WINDOW_MS,
  type RefusalPoints,
  refusalWeight,
} from '@boxoffice/core/domain/refusals/refusal-budget.ts'
import type { RefusalCode } from '@boxoffice/core/domain/refusals/refusal.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import type { CountedCaller } from './counted-caller.ts'
import { WINDOW_MS } from './rate-limit.ts'
import { RememberingCounter } from './remembering-counter.ts'
import { secondsUntilReset, tooMany } from '../too-many.ts'

export type BookingBudgetSettings = Pick<
  Settings,
  | 'BOOKING_REQUESTS_PER_CALLER'
  | 'BOOKING_REQUESTS_PER_ADDRESS'
  | 'BOOKING_REQUESTS_PER_SELLER'
  | 'REFUSALS_PER_CALLER'
  | 'REFUSALS_PER_ADDRESS'
  | 'REFUSALS_PER_SELLER'
>

/**
 * Budgets of booking requests per minute, and of refused ones, of a caller and its networks; see
 * `domain/refusals/refusal-budget.ts`. Callers that sell have budgets of their own, and one with all others of their organizer;
 * they do not count for an address.
 */
export class BookingBudgets {
  readonly #settings: BookingBudgetSettings
  readonly #counter: HitCounter
  readonly #requests: RememberingCounter

  constructor(settings: BookingBudgetSettings, counter: HitCounter) {
    this.#settings = settings
    this.#counter = counter
    this.#requests = new RememberingCounter(counter, WINDOW_MS)
  }

  /** Counts a booking request that is about to be read. Throws 429. */
  async admit(caller: CountedCaller): Promise<void> {
    const [requests, refusals] = await Promise.allSettled([this.#admitRequest(caller), this.#admitRefused(caller)])
    if (refusals.status === 'rejected') throw refusals.reason
    if (requests.status === 'rejected') throw requests.reason
  }

  /** Counts that a booking request of this caller was refused. */
  async noteRefusal({ key, shared }: CountedCaller, code: RefusalCode): Promise<void> {
    const weight = refusalWeight(code)
    if (weight === 0) return
    const keys = [key, ...shared.map((one) => one.key)]
    await Promise.all(keys.map((one) => this.#counter.hit(refusalsOf(one), REFUSAL_WINDOW_MS, weight)))
  }

  async #admitRequest({ key, sells, shared: sharers }: CountedCaller): Promise<void> {
    const { BOOKING_REQUESTS_PER_CALLER, BOOKING_REQUESTS_PER_SELLER, BOOKING_REQUESTS_PER_ADDRESS } = this.#settings
    const own = { key: requestsOf(key), limit: sells ? BOOKING_REQUESTS_PER_SELLER : BOOKING_REQUESTS_PER_CALLER }
    const ofOne = sells ? BOOKING_REQUESTS_PER_SELLER : BOOKING_REQUESTS_PER_ADDRESS
    // What a caller sends beyond its own limit does not use up what others have that share one with it.
    const shared = this.#requests.isFull(own.key)
      ? []
      : sharers.map((one) => ({ key: requestsOf(one.key), limit: ofOne * one.times }))
    const counts = await Promise.all(
      [own, ...shared].map(async ({ key: one, limit }) => ({ limit, hits: await this.#requests.hit(one, limit) })),
    )
    const over = counts.filter(({ limit, hits }) => hits.count > limit).map(({ hits }) => hits)
    if (over.length > 0) throw tooMany('Too many booking requests in a minute.', secondsUntilReset(over))
  }

  async #admitRefused({ key, sells, shared: sharers }: CountedCaller): Promise<void> {
    const { REFUSALS_PER_CALLER, REFUSALS_PER_SELLER, REFUSALS_PER_ADDRESS } = this.#settings
    const look = async (one: string, budget: number) => {
      const hits = await this.#counter.peek(refusalsOf(one))
      return { points: hits.count, budget, hits } satisfies RefusalPoints & { hits: unknown }
    }
    const [own, ...shared] = await Promise.all([
      look(key, sells ? REFUSALS_PER_SELLER : REFUSALS_PER_CALLER),
      ...sharers.map((one) => look(one.key, (sells ? REFUSALS_PER_SELLER : REFUSALS_PER_ADDRESS) * one.times)),
    ])
    switch (overRefusals(own, shared, sells)) {
      case 'caller':
        throw tooMany('Too many booking requests of this caller were refused.', secondsUntilReset([own.hits]))
      case 'shared':
        throw tooMany(
          `Too many booking requests ${sells ? 'of this organizer' : 'from this address'} were refused.`,
          secondsUntilReset(shared.filter(({ points, budget }) => points >= budget).map(({ hits }) => hits)),
        )
      case null:
    }
  }
}

const requestsOf = (key: string) => `requests:${key}`
const refusalsOf = (key: string) => `refusals:${key}`
