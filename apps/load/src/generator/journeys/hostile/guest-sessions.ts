import { readText } from '../../answers.ts'
import type { Visit, JourneyContext } from '../../journey-context.ts'
import { provoke } from './provoke.ts'

/**
 * Guest sessions that the addresses of one stream have begun, some of each: a limit per caller means little to whoever is
 * many callers.
 */
export class GuestSessions {
  readonly #context: JourneyContext
  readonly #each: number
  readonly #tokens = new Map<string, Promise<string | null>>()

  constructor(context: JourneyContext, each: number) {
    this.#context = context
    this.#each = each
  }

  /** Returns a token of one of the address's sessions, which is begun where needed; `null` where that was refused. */
  async tokenOf(visit: Visit): Promise<string | null> {
    const key = `${visit.customer.localAddress} ${visit.number % this.#each}`
    const known = this.#tokens.get(key)
    if (known !== undefined) return known
    const begun = this.#begin(visit)
    this.#tokens.set(key, begun)
    const token = await begun
    if (token === null) this.#tokens.delete(key)
    return token
  }

  async #begin(visit: Visit): Promise<string | null> {
    const answer = await provoke(this.#context, visit, { method: 'POST', path: '/v1/guest-sessions', headers: {} })
    if (answer === null || answer.status !== 201) return null
    visit.tally.step('guest session')
    return readText(answer.body, 'token')
  }
}
