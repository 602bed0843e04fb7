/**
 * How many places may be held without being paid for: by one customer, one e-mail address and one network address. Places
 * that cost nothing are never paid for: they count for an hour, or one script would take them all, and have a mail sent
 * to a stranger with each.
 *
 * Keeps: places of live unpaid bookings and of requests under way, together, stay within each limit, as far as the
 * ledger knows. Reserving comes before the request enters the line, so that requests sent at once cannot overshoot.
 *
 * The ledger counts too much, never too little: it does not hear of payments, cancellations and refusals. So only when it
 * says that a limit is reached, PostgreSQL is asked which holdings are still alive, and the others are struck out.
 */
import { hash } from 'node:crypto'
import type pg from 'pg'
import { findHoldTtl } from '../db/queries/find-hold-ttl.ts'
import { findLiveHolds } from '../db/queries/find-live-holds.ts'
import type { Logger } from '../logger.ts'
import type { Submission } from '../services/booking-line.ts'
import { bodyHashOf } from '../services/line/body-hash.ts'
import { newId } from '../services/new-id.ts'
import type { RequestView } from '../services/request-view.ts'
import type { HoldLedger, HoldLimit } from './hold-ledger.ts'

/** Who wants to hold how much. */
export interface WantedHold extends Submission {
  /** A network address, or the network that is taken for one. */
  readonly address: string
  readonly places: number
}

/** Places that are counted from before the request is accepted. One of the two has to be called; both are quick. */
export interface Reservation {
  /** What became of it: counts for as long as it may hold places, and no longer where it holds none. */
  accepted(view: RequestView): void
  /** It was not accepted. */
  failed(): void
}

export interface HoldLimits {
  /** Throws `TooManyHoldsError`. */
  reserve(wanted: WantedHold): Promise<Reservation>
}

/** The limit is reached; nothing was accepted. */
export class TooManyHoldsError extends Error {
  override readonly name = 'TooManyHoldsError'
  readonly limit: number
  /** Places held at this moment; `null` where they may be somebody else's, of whom nothing is told. */
  readonly held: number | null
  /** When the first of them are freed if nobody pays; `null` where waiting does not help or nothing is told. */
  readonly retryAfterSeconds: number | null

  constructor(limit: number, held: number | null, retryAfterSeconds: number | null) {
    const rule = `Only ${limit} places may be held and not paid for at a time`
    super(held === 0 ? `${rule}, and this request alone asks for more.` : `${rule}.`)
    this.limit = limit
    this.held = held
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Of what holds nothing more than before. */
export const UNCOUNTED: Reservation = { accepted: () => undefined, failed: () => undefined }

/** `LIMITS=off`. */
export const NO_HOLD_LIMITS: HoldLimits = { reserve: () => Promise.resolve(UNCOUNTED) }

const isOfEmail = (key: string) => key.startsWith('e:')

/** A hold is extended once and then lasts twice its time at the most; a request may have waited in line before. */
const WAITING_MS = 600_000
const USUAL_HOLD_MS = 600_000
/** How long places count that cost nothing. */
const FREE_COUNTS_MS = 3_600_000
const MAX_KNOWN = 10_000
/** It can be changed. */
const TTL_KNOWN_FOR_MS = 60_000

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
}

export class CountedHoldLimits implements HoldLimits {
  readonly #options: CountedHoldLimitsOptions
  readonly #looking = new Map<string, Promise<Look>>()
  readonly #holdTtls = new Map<string, { readonly ttl: number; readonly readAt: number }>()

  constructor(options: CountedHoldLimitsOptions) {
    this.#options = options
  }

  async reserve(wanted: WantedHold): Promise<Reservation> {
    const { ledger, perCustomer, perAddress } = this.#options
    const { places } = wanted
    const member = memberOf(wanted)
    const limits: HoldLimit[] = [
      ...wanted.customerKeys.map((key) => ({ key, limit: perCustomer })),
      { key: `a:${hash('sha256', wanted.address, 'hex')}`, limit: perAddress },
    ]
    let refused: TooManyHoldsError | null = null
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const outcome = await ledger.reserve(member, places, limits)
      if (outcome.kind === 'reserved') return this.#reservation(wanted, member, limits, outcome.added)
      for (const { key, limit } of outcome.full) {
        const { held, retryAfterSeconds } = await this.#look(key)
        // Whoever types in a stranger's e-mail address is not told whether, and until when, the stranger is booking.
        refused =
          isOfEmail(key) && held > 0
            ? new TooManyHoldsError(limit, null, null)
            : new TooManyHoldsError(limit, held, retryAfterSeconds)
        if (held + places > limit) throw refused
      }
    }
    throw refused ?? new Error('a full ledger names no limit')
  }

  #reservation(
    wanted: WantedHold,
    member: string,
    limits: readonly HoldLimit[],
    added: readonly string[],
  ): Reservation {
    const { ledger, logger } = this.#options
    const keys = limits.map(({ key }) => key)
    const quietly = (work: Promise<void>) => {
      work.catch((error: unknown) => logger.warn({ err: error }, 'a hold was not written down'))
    }
    return {
      accepted: ({ id, state, booking }) => {
        if (state !== 'queued' && booking?.status !== 'pending' && booking?.total !== 0) {
          quietly(ledger.drop([member], keys))
          return
        }
        const keep = (holdTtlMs: number) =>
          ledger.keep(
            { member, places: wanted.places, requestId: id },
            keys,
            Math.max(2 * holdTtlMs, FREE_COUNTS_MS) + WAITING_MS,
          )
        // At once, so that the next request finds out what became of this one; the exact time may follow.
        const known = this.#holdTtls.get(wanted.resourceId)
        quietly(keep(known?.ttl ?? USUAL_HOLD_MS))
        if (known === undefined || performance.now() - known.readAt > TTL_KNOWN_FOR_MS)
          quietly(this.#findHoldTtl(wanted.resourceId).then(keep))
      },
      // What a repetition of the same request has reserved stays, and so does what became of it.
      failed: () => quietly(ledger.takeBack(member, added)),
    }
  }

  /** What the key really holds. Those who ask at the same time share an answer. */
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
    await ledger.drop(
      dead.map(({ member }) => member),
      [key],
    )
    const held = alive.reduce((sum, { places }) => sum + places, 0)
    if (held === 0) return { held, retryAfterSeconds: null }
    const now = Date.now()
    // What is not decided yet may be refused at any moment.
    const ends = alive.map(({ requestId }) => live.get(requestId ?? '')?.getTime() ?? now)
    return { held, retryAfterSeconds: Math.max(1, Math.ceil((Math.min(...ends) - now) / 1_000)) }
  }

  async #findHoldTtl(resourceId: string): Promise<number> {
    const ttl = (await findHoldTtl(this.#options.pool, resourceId).catch(() => null)) ?? USUAL_HOLD_MS
    const [oldest] = this.#holdTtls.keys()
    if (oldest !== undefined && this.#holdTtls.size >= MAX_KNOWN) this.#holdTtls.delete(oldest)
    this.#holdTtls.set(resourceId, { ttl, readAt: performance.now() })
    return ttl
  }
}

/**
 * The same for every repetition of a request, which then counts once. With all that it asks for in it: another request
 * under the same key can neither hide behind it nor take back what it has reserved.
 */
function memberOf(wanted: WantedHold): string {
  const { owner, idempotencyKey } = wanted
  if (idempotencyKey === null) return newId()
  return hash('sha256', JSON.stringify([owner, idempotencyKey, bodyHashOf(wanted)]), 'hex')
}
