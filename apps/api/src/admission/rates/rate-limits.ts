import type { Request, Response } from 'express'
import type { LimitName } from '@boxoffice/contract/operation.ts'
import { isWrongCode } from '@boxoffice/core/domain/refusals/refusal-budget.ts'
import type { Refusal } from '@boxoffice/core/domain/refusals/refusal.ts'
import type { HitCounter } from '@boxoffice/core/limits/hit-counter.ts'
import { type NetworkTrust, NO_TRUST } from '@boxoffice/core/limits/network-trust.ts'
import { pseudonym } from '@boxoffice/core/limits/pseudonym.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import type { Caller } from '@boxoffice/core/access/tokens.ts'
import type { Problem } from '@boxoffice/core/use-case/problem.ts'
import type { Admission, LimitedOperation } from '../admission.ts'
import { BookingBudgets, type BookingBudgetSettings } from './booking-budgets.ts'
import { clientNetworks } from '../client-address.ts'
import { countedAt, type CountedCaller, countedCaller } from './counted-caller.ts'
import { GuessBudgets, PROMO_CODES, REFERENCES } from './guess-budgets.ts'
import { OpenLimit } from './open-limit.ts'
import { type Counted, RateLimit } from './rate-limit.ts'

/** Asking for the mail that brings a booking back, and printing its tickets from there. */
const LOOKUPS_PER_ADDRESS = 60

/**
 * Guest sessions are counted for longer than calls. A hall full of people begins all of them within a minute, and then none
 * for a long time; only a script needs as many every minute.
 */
const SESSIONS_WINDOW_MS = 600_000

/** Paths that can be guessed, and one where a signature can be guessed. */
const GUESSABLE = ['/v1/bookings/{reference}', '/v1/tickets/{id}', '/v1/payment-webhooks/{provider}']

type RateSettings = BookingBudgetSettings &
  Pick<Settings, 'RATE_LIMIT_ADDRESS' | 'RATE_LIMIT_CALLER' | 'GUEST_SESSIONS_PER_ADDRESS' | 'STREAMS_PER_ADDRESS'>

/**
 * Calls a minute of one address and of one caller, fewer of some calls, guest sessions in ten minutes, how many streams, how often one may miss, and how
 * many booking requests may be sent and refused. An address of IPv6 stands for three networks; each call counts for all.
 */
export class RateLimits implements Admission {
  readonly #address: RateLimit
  readonly #caller: RateLimit
  readonly #streams: OpenLimit
  readonly #special: Readonly<Partial<Record<LimitName, RateLimit>>>
  readonly #bookings: BookingBudgets
  readonly #guesses: GuessBudgets
  /** Callers by request, for the limit of callers. */
  readonly #callers = new WeakMap<Request, string>()
  readonly #networks = new WeakMap<Request, readonly Counted[]>()
  readonly #trust: NetworkTrust
  /** Booking requests of addresses that are over their limits, until it is known for which organizer they are. */
  readonly #overAddress = new WeakMap<Request, Problem>()
  /** Booking requests at an organizer that trusts their address, which has budgets of its own there. */
  readonly #trusted = new WeakMap<Request, string>()

  constructor(settings: RateSettings, counter: HitCounter, trust: NetworkTrust = NO_TRUST) {
    this.#trust = trust
    const ofAddress = (name: string, limit: number, detail: string, windowMs?: number) =>
      new RateLimit({
        name,
        limit,
        counter,
        detail,
        countedFor: (request) => this.#networksOf(request),
        ...(windowMs !== undefined && { windowMs }),
      })
    this.#address = ofAddress('address', settings.RATE_LIMIT_ADDRESS, 'This address calls too often.')
    this.#special = {
      guestSession: ofAddress(
        'guest-sessions',
        settings.GUEST_SESSIONS_PER_ADDRESS,
        'This address has begun too many guest sessions.',
        SESSIONS_WINDOW_MS,
      ),
      lookup: ofAddress('lookups', LOOKUPS_PER_ADDRESS, 'This address has looked for too many bookings.'),
    }
    this.#streams = new OpenLimit(settings.STREAMS_PER_ADDRESS, 'This address has too many streams open.')
    this.#caller = new RateLimit({
      name: 'caller',
      limit: settings.RATE_LIMIT_CALLER,
      counter,
      detail: 'This caller sends too many requests.',
      countedFor: (request) => [{ key: this.#callers.get(request) ?? '', times: 1 }],
    })
    this.#bookings = new BookingBudgets(settings, counter)
    this.#guesses = new GuessBudgets(counter)
  }

  async admitAnyone(request: Request, response: Response, operation: LimitedOperation): Promise<void> {
    if (operation.limit === 'none') return
    // Providers bring the reports of a whole on-sale from one address.
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

  async admitBooking(request: Request, caller: Caller, organizerOf: () => Promise<string | null>): Promise<void> {
    const over = this.#overAddress.get(request)
    if (over === undefined) return
    const organizerId = await organizerOf()
    const isTrusted = organizerId !== null && (await this.#trust.isTrustedBy(organizerId, clientNetworks(request)))
    if (!isTrusted) throw over
    this.#trusted.set(request, organizerId)
    await this.#bookings.admitShared(this.#countedForBooking(request, caller))
  }

  async noteMiss(request: Request, { path }: LimitedOperation, caller: Caller | null): Promise<void> {
    if (isGuessable(path)) await this.#guesses.noteMiss(REFERENCES, this.#guesser(request, caller))
  }

  async admitPromoCode(request: Request, caller: Caller): Promise<void> {
    await this.#guesses.refuseGuesser(PROMO_CODES, this.#counted(request, caller))
  }

  beginQuote(request: Request, caller: Caller): Promise<() => void> {
    return this.#guesses.begin(PROMO_CODES, this.#counted(request, caller))
  }

  async noteQuoted(request: Request, caller: Caller, refusal: Refusal): Promise<void> {
    if (isWrongCode(refusal)) await this.#guesses.noteMiss(PROMO_CODES, this.#counted(request, caller))
  }

  refusalNoter(request: Request, caller: Caller, hasCode: boolean): (refusal: Refusal) => void {
    const counted = this.#counted(request, caller)
    const booking = this.#countedForBooking(request, caller)
    return (refusal) => {
      void this.#bookings.noteRefusal(booking, refusal)
      if (hasCode && isWrongCode(refusal)) void this.#guesses.noteMiss(PROMO_CODES, counted)
    }
  }

  async #admitAddress(request: Request, response: Response, { limit }: LimitedOperation): Promise<void> {
    const special = this.#special[limit]
    // One header after the other, so that they come in the same order always.
    const general = this.#address.admit(request, response)
    await all([general, special?.admit(request, response)])
    if (limit === 'stream') this.#streams.admit(this.#networksOf(request), response)
  }

  async #identified(
    request: Request,
    response: Response,
    operation: LimitedOperation,
    identify: () => Promise<Caller>,
  ): Promise<Caller> {
    const caller = await identify()
    const counted = this.#counted(request, caller)
    this.#callers.set(request, counted.key)
    await all([
      this.#caller.admit(request, response),
      this.#refuseGuesser(request, operation, caller),
      operation.limit === 'booking' ? this.#admitBooking(request, counted) : undefined,
    ])
    return caller
  }

  /** Counts a booking request. One of an address over its limits is let in for `admitBooking` if anybody trusts the address. */
  async #admitBooking(request: Request, counted: CountedCaller): Promise<void> {
    const over = await this.#bookings.admit(counted)
    if (over === null) return
    if (counted.sells || !(await this.#trust.isTrusted(clientNetworks(request)))) throw over
    this.#overAddress.set(request, over)
  }

  async #refuseGuesser(request: Request, { path }: LimitedOperation, caller: Caller | null): Promise<void> {
    if (isGuessable(path)) await this.#guesses.refuseGuesser(REFERENCES, this.#guesser(request, caller))
  }

  #guesser(request: Request, caller: Caller | null) {
    return caller === null ? { shared: this.#networksOf(request) } : this.#counted(request, caller)
  }

  #counted(request: Request, caller: Caller): CountedCaller {
    return countedCaller(caller, this.#networksOf(request))
  }

  #countedForBooking(request: Request, caller: Caller): CountedCaller {
    const counted = this.#counted(request, caller)
    const trusting = this.#trusted.get(request)
    return trusting === undefined ? counted : countedAt(trusting, counted)
  }

  #networksOf(request: Request): readonly Counted[] {
    const known = this.#networks.get(request)
    if (known !== undefined) return known
    const networks = clientNetworks(request).map(({ name, times }) => ({ key: pseudonym(name), times }))
    this.#networks.set(request, networks)
    return networks
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
