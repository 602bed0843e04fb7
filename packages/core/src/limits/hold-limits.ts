/**
 * Limits on places that are held without payment: of one customer, one e-mail address and one network. Places that cost
 * nothing are never paid for: they count for an hour, or one script would take them all.
 *
 * An e-mail address is not verified, so it counts together with the network it is used from. Otherwise anybody could
 * use up a stranger's limit by typing their address, and the stranger would be refused in their own on-sale.
 *
 * A network that the organizer trusts has room of its own for what that organizer sells, once what it has for everything is
 * used up. So that nobody may hold more elsewhere for it, these places count under another key.
 *
 * Keeps: places of live unpaid bookings and of requests under way, together, stay within each limit, as far as the
 * ledger knows. Reserving comes before the request enters the line, so that requests sent at once cannot overshoot.
 *
 * An entry lasts a little while and is written again as long as its request waits, so a dead process's entries are soon
 * forgotten. Once the outcome is known, the entry is dropped, or kept for as long as the booking may hold its places.
 * The ledger does not hear of payments and cancellations. So only when it reports that a limit is reached, PostgreSQL
 * is asked which holds are still alive, and the others are removed.
 */
import type pg from 'pg'
import { findLiveHolds } from './queries/find-live-holds.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Submission } from '../domain/booking-request.ts'
import { bodyHashOf } from '../booking-requests/intake/body-hash.ts'
import { newId } from '../runtime/new-id.ts'
import { Problem } from '../use-case/problem.ts'
import { type OutcomeListener, STILL_WAITING_EVERY_MS } from './awaited-outcomes.ts'
import type { ClientNetwork } from './client-network.ts'
import type { HoldLedger, HoldLimit } from './hold-ledger.ts'
import { type NetworkTrust, NO_TRUST, TIMES_OF_TRUSTED } from './network-trust.ts'
import { pseudonym } from './pseudonym.ts'

/** Hold that a customer wants. */
export interface WantedHold extends Submission {
  /** The networks it comes from, the narrowest first; at least one. */
  readonly networks: readonly ClientNetwork[]
  readonly places: number
  /** Resolves with the organizer that sells them; `null` if there is none. Called only at a limit of a network. */
  organizerOf(): Promise<string | null>
}

/** Places that are counted from before the request is accepted. One of the two has to be called; both are quick. */
export interface Reservation {
  /**
   * The request as it is now: when it was accepted, each minute while it waits, and when it is decided. It counts for as
   * long as it may hold places, and no longer where it holds none.
   */
  became(request: Parameters<OutcomeListener>[0]): void
  /** It was not accepted. */
  failed(): void
}

export interface HoldLimits {
  /** Throws Problem `too_many_holds`. */
  reserve(wanted: WantedHold): Promise<Reservation>
}

/** Reservation of a request that holds nothing more than before. */
export const UNCOUNTED: Reservation = { became: () => undefined, failed: () => undefined }

/** `LIMITS=off`. */
export const NO_HOLD_LIMITS: HoldLimits = { reserve: () => Promise.resolve(UNCOUNTED) }

const isOfEmail = (key: string) => key.startsWith('e:')
const OF_NETWORK = 'a:'
const isOfNetwork = (key: string) => key.startsWith(OF_NETWORK)

/** Time that a waiting request counts; it is written again each minute meanwhile. */
const QUEUED_MS = 2 * STILL_WAITING_EVERY_MS + 30_000
/** Time that places count that cost nothing. */
const FREE_COUNTS_MS = 3_600_000

/**
 * A network that was looked at and is full is not looked at again for this long: it may hold a thousand places, and
 * somebody who sends request after request must not have all of them read each time.
 */
const FULL_FOR_MS = 1_000
const MAX_KNOWN_FULL = 1_000

/** Another one may take what was just struck out; after this often, it is full. */
const MAX_ATTEMPTS = 3

interface Look {
  readonly held: number
  readonly retryAfterSeconds: number | null
}

export interface CountedHoldLimitsOptions {
  readonly ledger: HoldLedger
  readonly pool: pg.Pool
  readonly perCustomer: number
  readonly perAddress: number
  readonly logger: Logger
  /** The networks that organizers trust; none unless given. */
  readonly trust?: NetworkTrust
}

/** The limit that a reservation met. */
interface Met {
  readonly key: string
  readonly problem: Problem
}

export class CountedHoldLimits implements HoldLimits {
  readonly #options: CountedHoldLimitsOptions
  readonly #looking = new Map<string, Promise<Look>>()
  /** Networks that are full, the longest known first. */
  readonly #full = new Map<string, { readonly look: Look; readonly untilMs: number }>()

  constructor(options: CountedHoldLimitsOptions) {
    this.#options = options
  }

  async reserve(wanted: WantedHold): Promise<Reservation> {
    const member = memberOf(wanted)
    const ofCustomer = this.#ofCustomer(wanted)
    const met = await this.#reserveWithin(wanted, member, [...ofCustomer, ...this.#ofNetworks(wanted)])
    if (!('problem' in met)) return met
    const trusting = isOfNetwork(met.key) ? await this.#trustingOrganizer(wanted) : null
    if (trusting === null) throw met.problem
    const again = await this.#reserveWithin(wanted, member, [...ofCustomer, ...this.#ofNetworks(wanted, trusting)])
    if ('problem' in again) throw again.problem
    return again
  }

  /** Reserves under these keys, or returns the limit that is reached. */
  async #reserveWithin(
    { places }: WantedHold,
    member: string,
    limits: readonly HoldLimit[],
  ): Promise<Reservation | Met> {
    let met: Met | null = null
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const outcome = await this.#options.ledger.reserve(member, places, limits)
      if (outcome.kind === 'reserved') {
        const keys = limits.map(({ key }) => key)
        return new LedgerReservation(this.#options, { member, places, keys }, outcome.added)
      }
      for (const { key, limit } of outcome.full) {
        const look = this.#knownFull(key) ?? (await this.#look(key))
        const { held, retryAfterSeconds } = look
        // Whoever types in a stranger's e-mail address is not told whether, and until when, the stranger is booking.
        const problem =
          isOfEmail(key) && held > 0 ? tooManyHolds(limit, null, null) : tooManyHolds(limit, held, retryAfterSeconds)
        met = { key, problem }
        if (held + places > limit) {
          if (isOfNetwork(key)) this.#rememberFull(key, look)
          return met
        }
      }
    }
    if (met === null) throw new Error('a full ledger names no limit')
    return met
  }

  #ofCustomer({ customerKeys, networks }: WantedHold): HoldLimit[] {
    const from = networks[0]?.name ?? ''
    return customerKeys.map((key) => ({
      key: isOfEmail(key) ? `e:${pseudonym(`${key} ${from}`)}` : `o:${pseudonym(key)}`,
      limit: this.#options.perCustomer,
    }))
  }

  /** Returns the limits of networks, or those that they have at an organizer that trusts them. */
  #ofNetworks({ networks }: WantedHold, trusting: string | null = null): HoldLimit[] {
    const { perAddress } = this.#options
    const [at, more] = trusting === null ? ['', 1] : [` ${trusting}`, TIMES_OF_TRUSTED]
    return networks.map(({ name, times }) => ({
      key: `${OF_NETWORK}${pseudonym(`${name}${at}`)}`,
      limit: perAddress * times * more,
    }))
  }

  /** Returns the organizer that sells what is wanted if it trusts the client's network, otherwise `null`. */
  async #trustingOrganizer({ networks, organizerOf }: WantedHold): Promise<string | null> {
    const { trust = NO_TRUST } = this.#options
    if (!(await trust.isTrusted(networks))) return null
    const organizerId = await organizerOf()
    return organizerId !== null && (await trust.isTrustedBy(organizerId, networks)) ? organizerId : null
  }

  #knownFull(key: string): Look | undefined {
    const known = this.#full.get(key)
    if (known === undefined || known.untilMs > performance.now()) return known?.look
    this.#full.delete(key)
    return undefined
  }

  #rememberFull(key: string, look: Look): void {
    if (this.#full.has(key)) return
    const [oldest] = this.#full.keys()
    if (oldest !== undefined && this.#full.size >= MAX_KNOWN_FULL) this.#full.delete(oldest)
    this.#full.set(key, { look, untilMs: performance.now() + FULL_FOR_MS })
  }

  /** Reads what the key really holds. Calls at the same time share one reading. */
  #look(key: string): Promise<Look> {
    let looking = this.#looking.get(key)
    if (looking === undefined) {
      looking = this.#lookOnce(key).finally(() => this.#looking.delete(key))
      this.#looking.set(key, looking)
    }
    return looking
  }

  async #lookOnce(key: string): Promise<Look> {
    const { ledger, pool } = this.#options
    const entries = await ledger.list(key)
    const live = new Map(
      (
        await findLiveHolds(
          pool,
          entries.flatMap(({ requestId }) => requestId ?? []),
          FREE_COUNTS_MS,
        )
      ).map((hold) => [hold.requestId, hold.expiresAt]),
    )
    const alive = entries.filter(({ requestId }) => requestId === null || live.has(requestId))
    const dead = entries.filter((entry) => !alive.includes(entry))
    await ledger.strike(
      dead.map(({ member }) => member),
      key,
    )
    const held = alive.reduce((sum, { places }) => sum + places, 0)
    if (held === 0) return { held, retryAfterSeconds: null }
    const now = Date.now()
    // What is not decided yet may be refused at any moment.
    const ends = alive.map(({ requestId }) => live.get(requestId ?? '')?.getTime() ?? now)
    return { held, retryAfterSeconds: Math.max(1, Math.ceil((Math.min(...ends) - now) / 1_000)) }
  }
}

/**
 * Makes the problem of a limit that is reached.
 *
 * @param held the places held at this moment; `null` where they may be somebody else's, of whom nothing is told
 * @param retryAfterSeconds when the first of them are freed if nobody pays; `null` where waiting does not help or nothing
 * is told
 */
function tooManyHolds(limit: number, held: number | null, retryAfterSeconds: number | null): Problem {
  const rule = `Only ${limit} places may be held and not paid for at a time`
  return new Problem('too_many_holds', {
    detail: held === 0 ? `${rule}, and this request alone asks for more.` : `${rule}.`,
    facts: held === null ? { limit } : { limit, held },
    retryAfterSeconds,
  })
}

interface Reserved {
  readonly member: string
  readonly places: number
  readonly keys: readonly string[]
}

/** A class, and not closures: one is kept for each request in line. */
class LedgerReservation implements Reservation {
  readonly #options: CountedHoldLimitsOptions
  readonly #reserved: Reserved
  readonly #added: readonly string[]

  constructor(options: CountedHoldLimitsOptions, reserved: Reserved, added: readonly string[]) {
    this.#options = options
    this.#reserved = reserved
    this.#added = added
  }

  became(request: Parameters<OutcomeListener>[0]): void {
    const { ledger } = this.#options
    const { member, places, keys } = this.#reserved
    const forMs = countsForMs(request)
    if (forMs === null) ledger.release(member, keys)
    else ledger.keep({ member, places, requestId: request.id }, keys, forMs)
  }

  failed(): void {
    const { ledger, logger } = this.#options
    // What a repetition of the same request has reserved stays, and so does what became of it.
    ledger.takeBack(this.#reserved.member, this.#added).catch((error: unknown) => {
      logger.warn({ err: error }, 'a reservation was not taken back')
    })
  }
}

/** Returns for how long a request may hold places from now on; `null` if it holds none. */
function countsForMs({ state, booking, decidedAt }: Parameters<OutcomeListener>[0]): number | null {
  if (state === 'queued') return QUEUED_MS
  if (booking === null) return null
  if (booking.total === 0) return FREE_COUNTS_MS
  if (booking.status !== 'pending' || booking.expiresAt === null || decidedAt === null) return null
  // A hold is extended once, and then lasts twice its time at the most.
  return Math.max(0, 2 * (Date.parse(booking.expiresAt) - Date.parse(decidedAt)))
}

/**
 * Returns the same member for every repetition of a request, which then counts once. It covers everything the request
 * asks for: another request under the same key can neither hide behind it nor take back its reservation.
 */
function memberOf(wanted: WantedHold): string {
  const { owner, idempotencyKey } = wanted
  if (idempotencyKey === null) return newId()
  return pseudonym(JSON.stringify([owner, idempotencyKey, bodyHashOf(wanted)]))
}
