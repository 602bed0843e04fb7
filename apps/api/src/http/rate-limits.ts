import { hash } from 'node:crypto'
import type { Request, Response } from 'express'
import type { LimitName } from '@boxoffice/contract/operation.ts'
import type { HitCounter } from '@boxoffice/core/limits/hit-counter.ts'
import type { Settings } from '@boxoffice/core/settings.ts'
import type { Caller } from '@boxoffice/core/tokens.ts'
import type { Admission, LimitedOperation } from './admission.ts'
import { clientAddress } from './client-address.ts'
import { OpenLimit } from './open-limit.ts'
import { RateLimit, tooMany, WINDOW_MS } from './rate-limit.ts'

/** Asking for the mail that brings a booking back. */
const LOOKUPS_PER_ADDRESS = 10

/** Nobody mistypes a reference more often than this; everybody at a festival has one address, so it may be many more. */
const MISSES_OF_CALLER = 60
const MISSES_OF_ADDRESS = 300

/** What can be asked for by guessing, and where a signature can be guessed. */
const GUESSABLE = ['/v1/bookings/{reference}', '/v1/tickets/{id}', '/v1/payment-webhooks/{provider}']

type RateSettings = Pick<
  Settings,
  'RATE_LIMIT_ADDRESS' | 'RATE_LIMIT_CALLER' | 'GUEST_SESSIONS_PER_ADDRESS' | 'STREAMS_PER_ADDRESS'
>

/** Calls a minute of one address and of one caller, fewer of some calls, how many streams, and how often one may miss. */
export class RateLimits implements Admission {
  readonly #counter: HitCounter
  readonly #address: RateLimit
  readonly #caller: RateLimit
  readonly #streams: OpenLimit
  readonly #special: Readonly<Partial<Record<LimitName, RateLimit>>>
  /** Who sent a request, for the limit of callers to go by. */
  readonly #callers = new WeakMap<Request, string>()
  readonly #addresses = new WeakMap<Request, string>()

  constructor(settings: RateSettings, counter: HitCounter) {
    const ofAddress = (name: string, limit: number, detail: string) =>
      new RateLimit({ name, limit, counter, detail, keyOf: (request) => this.#addressOf(request) })
    this.#counter = counter
    this.#address = ofAddress('address', settings.RATE_LIMIT_ADDRESS, 'This address calls too often.')
    this.#special = {
      guestSession: ofAddress(
        'guest-sessions',
        settings.GUEST_SESSIONS_PER_ADDRESS,
        'This address has begun too many guest sessions.',
      ),
      lookup: ofAddress('lookups', LOOKUPS_PER_ADDRESS, 'This address has looked for too many bookings.'),
    }
    this.#streams = new OpenLimit(settings.STREAMS_PER_ADDRESS, 'This address has too many streams open.')
    this.#caller = new RateLimit({
      name: 'caller',
      limit: settings.RATE_LIMIT_CALLER,
      counter,
      detail: 'This caller calls too often.',
      keyOf: (request) => this.#callers.get(request) ?? '',
    })
  }

  async admitAnyone(request: Request, response: Response, operation: LimitedOperation): Promise<void> {
    if (operation.limit === 'none') return
    // Providers bring news of a whole on-sale from one address.
    if (operation.limit === 'signed') {
      await this.#refuseGuesser(request, operation, null)
      return
    }
    await all([this.#admitAddress(request, response, operation), this.#refuseGuesser(request, operation, null)])
  }

  async admitCaller(
    request: Request,
    response: Response,
    operation: LimitedOperation,
    identify: () => Promise<Caller>,
  ): Promise<Caller> {
    if (operation.limit === 'none') return identify()
    // Whoever calls too often is not even looked at.
    if (this.#address.isFull(request)) await this.#address.admit(request, response)
    const address = this.#admitAddress(request, response, operation)
    const caller = this.#identified(request, response, operation, identify)
    const [, identified] = await all([address, caller])
    return identified
  }

  async noteMiss(request: Request, { path }: LimitedOperation, caller: Caller | null): Promise<void> {
    if (!isGuessable(path)) return
    await Promise.all(this.#missBudgets(request, caller).map(({ key }) => this.#counter.hit(key, WINDOW_MS)))
  }

  async #admitAddress(request: Request, response: Response, { limit }: LimitedOperation): Promise<void> {
    const special = this.#special[limit]
    // One header after the other, so that they come in the same order always.
    const general = this.#address.admit(request, response)
    await all([general, special?.admit(request, response)])
    if (limit === 'stream') this.#streams.admit(this.#addressOf(request), response)
  }

  async #identified(
    request: Request,
    response: Response,
    operation: LimitedOperation,
    identify: () => Promise<Caller>,
  ): Promise<Caller> {
    const caller = await identify()
    this.#callers.set(request, pseudonym(caller.subject))
    await all([this.#caller.admit(request, response), this.#refuseGuesser(request, operation, caller)])
    return caller
  }

  async #refuseGuesser(request: Request, { path }: LimitedOperation, caller: Caller | null): Promise<void> {
    if (!isGuessable(path)) return
    const misses = await Promise.all(
      this.#missBudgets(request, caller).map(async ({ key, limit }) => ({ limit, ...(await this.#counter.peek(key)) })),
    )
    const over = misses.filter(({ count, limit }) => count >= limit)
    if (over.length === 0) return
    const seconds = Math.ceil((Math.max(...over.map(({ resetsAtMs }) => resetsAtMs)) - Date.now()) / 1_000)
    throw tooMany(
      'Too much was asked for that is not there, or sent that was not signed.',
      String(Math.max(1, seconds)),
    )
  }

  /** A guesser at the same address, the audience's network perhaps, must not keep the box office from its bookings. */
  #missBudgets(request: Request, caller: Caller | null): readonly { readonly key: string; readonly limit: number }[] {
    const address = { key: `misses:${this.#addressOf(request)}`, limit: MISSES_OF_ADDRESS }
    if (caller === null) return [address]
    const own = { key: `misses:${pseudonym(caller.subject)}`, limit: MISSES_OF_CALLER }
    return caller.role === 'customer' ? [address, own] : [own]
  }

  #addressOf(request: Request): string {
    const known = this.#addresses.get(request)
    if (known !== undefined) return known
    const address = pseudonym(clientAddress(request))
    this.#addresses.set(request, address)
    return address
  }
}

/** Waits for all, so that the headers are complete, and then throws what the first of them threw. */
async function all<const Work extends readonly unknown[]>(
  work: Work,
): Promise<{ -readonly [Index in keyof Work]: Awaited<Work[Index]> }> {
  await Promise.allSettled(work)
  return await Promise.all(work)
}

const isGuessable = (path: string) => GUESSABLE.some((guessable) => path.startsWith(guessable))

/** Of whoever calls nothing but pseudonyms is kept: addresses are personal data, and subjects may be anything. */
const pseudonym = (text: string) => hash('sha256', text, 'hex')
