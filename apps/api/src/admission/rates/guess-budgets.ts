import type { HitCounter } from '@boxoffice/core/limits/hit-counter.ts'
import type { CountedCaller } from './counted-caller.ts'
import { type Counted, WINDOW_MS } from './rate-limit.ts'
import { secondsUntilReset, tooMany } from '../too-many.ts'

/** Nobody mistypes a reference or a code more often than this in a minute. */
const MISSES_OF_CALLER = 60
/** Everybody at a festival has one address, so it may be many more. */
const MISSES_OF_ADDRESS = 300
/** A hall of 400 has heard of a code that is over, and each of them tries it twice in the first minute. */
const CODES_OF_ADDRESS = 800

/** Something that can be found by guessing, and what a guesser is told. Each is counted for itself. */
export const REFERENCES = {
  name: 'misses',
  ofAddress: MISSES_OF_ADDRESS,
  detail: 'Too many lookups found nothing, or too many unsigned messages were sent.',
}
export const PROMO_CODES = {
  name: 'codes',
  ofAddress: CODES_OF_ADDRESS,
  detail: 'Too many invalid promo codes were tried.',
}

export type Guessable = typeof REFERENCES

/** The one who misses: a caller, or anybody without a token from these networks. */
type Guesser = CountedCaller | { readonly shared: readonly Counted[] }

/** Budgets of wrong guesses per minute, of a caller and of all customers of an address. */
export class GuessBudgets {
  readonly #counter: HitCounter
  /** Looks of each key that are under way here: each may turn out to be a miss. */
  readonly #underWay = new Map<string, number>()

  constructor(counter: HitCounter) {
    this.#counter = counter
  }

  /** Throws 429 for whoever has missed too often. Counts nothing: looks that find something are free. */
  async refuseGuesser(guessable: Guessable, guesser: Guesser): Promise<void> {
    await this.#refuse(guessable, budgetsOf(guessable, guesser))
  }

  /**
   * Begins a lookup, and counts lookups under way as misses: otherwise all that are sent at once would be admitted.
   * Returns a function to be called once it is known, and noted, whether it was a miss.
   */
  async begin(guessable: Guessable, guesser: Guesser): Promise<() => void> {
    const budgets = budgetsOf(guessable, guesser).map(({ key, limit }) => {
      const one = `${guessable.name}:${key}`
      return { key, one, limit: limit - (this.#underWay.get(one) ?? 0) }
    })
    for (const { one } of budgets) this.#underWay.set(one, (this.#underWay.get(one) ?? 0) + 1)
    const end = () => {
      for (const { one } of budgets) this.#end(one)
    }
    try {
      await this.#refuse(guessable, budgets)
    } catch (error) {
      end()
      throw error
    }
    return end
  }

  async #refuse({ name, detail }: Guessable, budgets: readonly Budget[]): Promise<void> {
    const misses = await Promise.all(
      budgets.map(async ({ key, limit }) => ({ limit, hits: await this.#counter.peek(`${name}:${key}`) })),
    )
    const over = misses.filter(({ limit, hits }) => hits.count >= limit)
    if (over.length > 0) throw tooMany(detail, secondsUntilReset(over.map(({ hits }) => hits)))
  }

  #end(one: string): void {
    const left = (this.#underWay.get(one) ?? 1) - 1
    if (left === 0) this.#underWay.delete(one)
    else this.#underWay.set(one, left)
  }

  async noteMiss(guessable: Guessable, guesser: Guesser): Promise<void> {
    const budgets = budgetsOf(guessable, guesser)
    await Promise.all(budgets.map(({ key }) => this.#counter.hit(`${guessable.name}:${key}`, WINDOW_MS)))
  }
}

interface Budget {
  readonly key: string
  readonly limit: number
}

/**
 * Returns the budgets of a guesser. One at the same address, perhaps the audience's network, must not keep the box
 * office from its bookings.
 */
function budgetsOf({ ofAddress }: Guessable, guesser: Guesser): readonly Budget[] {
  const isOne = 'key' in guesser
  const ofOne = isOne && guesser.sells ? MISSES_OF_CALLER : ofAddress
  const shared = guesser.shared.map(({ key, times }) => ({ key, limit: ofOne * times }))
  return isOne ? [{ key: guesser.key, limit: MISSES_OF_CALLER }, ...shared] : shared
}
