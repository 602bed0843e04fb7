import type { HitCounter, Hits } from '@boxoffice/core/limits/hit-counter.ts'
import {
  overRefusals,
  REFUSAL_WINDOW_MS,
  type RefusalPoints,
  refusalWeight,
} from '@boxoffice/core/domain/refusals/refusal-budget.ts'
import type { Refusal } from '@boxoffice/core/domain/refusals/refusal.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import type { Problem } from '@boxoffice/core/use-case/problem.ts'
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

  /**
   * Counts a booking request that is about to be read. Throws 429 for a caller over its own limits. Returns the 429 of what it
   * shares with others, or `null`.
   */
  async admit(caller: CountedCaller): Promise<Problem | null> {
    const own = requestsOf(caller.key)
    const limit = caller.sells ? this.#settings.BOOKING_REQUESTS_PER_SELLER : this.#settings.BOOKING_REQUESTS_PER_CALLER
    // What a caller sends beyond its own limit does not use up what others have that share one with it.
    const isOver = this.#requests.isFull(own)
    const [hits, shared, refused] = await Promise.all([
      this.#requests.hit(own, limit),
      isOver ? null : this.#countShared(caller),
      this.#overRefusals(caller),
    ])
    if (refused?.whose === 'caller') throw refused.problem
    if (hits.count > limit) throw tooManyRequests([hits])
    return refused?.problem ?? shared
  }

  /** Counts it only for what the caller shares with others. Throws 429. */
  async admitShared(caller: CountedCaller): Promise<void> {
    const [shared, refused] = await Promise.all([this.#countShared(caller), this.#overRefusals(caller)])
    const problem = refused?.problem ?? shared
    if (problem !== null) throw problem
  }

  /** Counts that a booking request of this caller was refused. */
  async noteRefusal({ key, shared }: CountedCaller, refusal: Refusal): Promise<void> {
    const weight = refusalWeight(refusal)
    if (weight === 0) return
    const keys = [key, ...shared.map((one) => one.key)]
    await Promise.all(keys.map((one) => this.#counter.hit(refusalsOf(one), REFUSAL_WINDOW_MS, weight)))
  }

  async #countShared({ sells, shared }: CountedCaller): Promise<Problem | null> {
    const { BOOKING_REQUESTS_PER_SELLER, BOOKING_REQUESTS_PER_ADDRESS } = this.#settings
    const ofOne = sells ? BOOKING_REQUESTS_PER_SELLER : BOOKING_REQUESTS_PER_ADDRESS
    const counts = await Promise.all(
      shared.map(async ({ key, times }) => {
        const limit = ofOne * times
        return { limit, hits: await this.#requests.hit(requestsOf(key), limit) }
      }),
    )
    const over = counts.filter(({ limit, hits }) => hits.count > limit).map(({ hits }) => hits)
    return over.length > 0 ? tooManyRequests(over) : null
  }

  async #overRefusals({ key, sells, shared: sharers }: CountedCaller): Promise<OverRefusals | null> {
    const { REFUSALS_PER_CALLER, REFUSALS_PER_SELLER, REFUSALS_PER_ADDRESS } = this.#settings
    const look = async (one: string, budget: number) => {
      const hits = await this.#counter.peek(refusalsOf(one))
      return { points: hits.count, budget, hits } satisfies RefusalPoints & { hits: unknown }
    }
    const [own, ...shared] = await Promise.all([
      look(key, sells ? REFUSALS_PER_SELLER : REFUSALS_PER_CALLER),
      ...sharers.map((one) => look(one.key, (sells ? REFUSALS_PER_SELLER : REFUSALS_PER_ADDRESS) * one.times)),
    ])
    const whose = overRefusals(own, shared, sells)
    if (whose === null) return null
    const problem =
      whose === 'caller'
        ? tooMany('Too many booking requests of this caller were refused.', secondsUntilReset([own.hits]))
        : tooMany(
            `Too many booking requests ${sells ? 'of this organizer' : 'from this address'} were refused.`,
            secondsUntilReset(shared.filter(({ points, budget }) => points >= budget).map(({ hits }) => hits)),
          )
    return { whose, problem }
  }
}

interface OverRefusals {
  readonly whose: 'caller' | 'shared'
  readonly problem: Problem
}

const tooManyRequests = (over: readonly Hits[]) =>
  tooMany('Too many booking requests in a minute.', secondsUntilReset(over))
const requestsOf = (key: string) => `requests:${key}`
const refusalsOf = (key: string) => `refusals:${key}`
