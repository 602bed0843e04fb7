/**
 * Networks that organizers trust, such as a campus whose students all have one address: limits per address are higher there,
 * for what that organizer sells and for nothing else.
 *
 * They are looked up only for an address that has reached a limit. All of them are read at once and kept for half a minute, so
 * that a flood from any number of addresses reads them no more often. The tempting wrong way is to read what concerns one
 * address: an attacker has as many of these as it likes.
 */
import type pg from 'pg'
import { type Network, parseNetwork, widened } from '../domain/network.ts'
import type { Logger } from '../runtime/logger.ts'
import type { ClientNetwork } from './client-network.ts'
import { listTrustedNetworks, type TrustingOrganizer } from './queries/list-trusted-networks.ts'

/** Multiple of an address' limits that it has at an organizer that trusts it. */
export const TIMES_OF_TRUSTED = 10

/** Organizers whose networks are known, each with 20 at the most. */
const MAX_ORGANIZERS = 1_000

/** Networks are read again after this long, and sooner if they could not be read. */
const KNOWN_FOR_MS = 30_000
const TRY_AGAIN_MS = 1_000

export interface NetworkTrust {
  /** Returns whether any organizer trusts the client whose networks these are, the narrowest first. */
  isTrusted(networks: readonly ClientNetwork[]): Promise<boolean>
  /** Returns whether this organizer does. */
  isTrustedBy(organizerId: string, networks: readonly ClientNetwork[]): Promise<boolean>
}

/** Trust of nobody in anything. */
export const NO_TRUST: NetworkTrust = {
  isTrusted: () => Promise.resolve(false),
  isTrustedBy: () => Promise.resolve(false),
}

export interface StoredTrustOptions {
  /** For reads. */
  readonly pool: pg.Pool
  readonly logger: Logger
  /** Monotonic, in ms. */
  readonly now?: () => number
  readonly maxOrganizers?: number
}

export class StoredTrust implements NetworkTrust {
  readonly #options: Required<StoredTrustOptions>
  #table = new TrustTable([])
  #readAgainAtMs = Number.NEGATIVE_INFINITY
  #isKnown = false
  #reading: Promise<void> | null = null

  /** Starts without networks: they are read when they are asked for first. */
  constructor({ now = () => performance.now(), maxOrganizers = MAX_ORGANIZERS, ...options }: StoredTrustOptions) {
    this.#options = { ...options, now, maxOrganizers }
  }

  async isTrusted(networks: readonly ClientNetwork[]): Promise<boolean> {
    return (await this.#current()).trusting(networks).length > 0
  }

  async isTrustedBy(organizerId: string, networks: readonly ClientNetwork[]): Promise<boolean> {
    return (await this.#current()).trusting(networks).some((organizers) => organizers.has(organizerId))
  }

  /** Waits only for the first reading: a list that is a little old is as good. */
  async #current(): Promise<TrustTable> {
    if (this.#options.now() >= this.#readAgainAtMs) {
      this.#reading ??= this.#read().finally(() => (this.#reading = null))
      if (!this.#isKnown) await this.#reading
    }
    return this.#table
  }

  async #read(): Promise<void> {
    const { pool, logger, now, maxOrganizers } = this.#options
    try {
      const organizers = await listTrustedNetworks(pool, maxOrganizers + 1)
      if (organizers.length > maxOrganizers) {
        logger.warn({ maxOrganizers }, 'too many organizers trust networks: those of the newest do not count')
      }
      this.#table = new TrustTable(organizers.slice(0, maxOrganizers))
      this.#isKnown = true
      this.#readAgainAtMs = now() + KNOWN_FOR_MS
    } catch (error) {
      this.#readAgainAtMs = now() + TRY_AGAIN_MS
      logger.warn({ err: error }, 'the networks that organizers trust could not be read')
    }
  }
}

/** The organizers by the network they trust. A look costs one step for each length that any of these networks has. */
class TrustTable {
  readonly #organizers = new Map<string, Set<string>>()
  readonly #lengths = { 4: new Set<number>(), 6: new Set<number>() }

  constructor(organizers: readonly TrustingOrganizer[]) {
    for (const { id, networks } of organizers) {
      for (const text of networks) {
        const network = parseNetwork(text)
        if (network !== null) this.#add(network, id)
      }
    }
  }

  /** Returns the organizers of each trusted network that the client is in. */
  trusting([narrowest]: readonly ClientNetwork[]): readonly ReadonlySet<string>[] {
    const network = narrowest === undefined ? null : parseNetwork(narrowest.name)
    if (network === null) return []
    return [...this.#lengths[network.version]]
      .filter((bits) => bits <= network.bits)
      .flatMap((bits) => this.#organizers.get(keyOf(widened(network, bits))) ?? [])
  }

  #add(network: Network, id: string): void {
    const key = keyOf(network)
    const organizers = this.#organizers.get(key) ?? new Set<string>()
    this.#organizers.set(key, organizers.add(id))
    this.#lengths[network.version].add(network.bits)
  }
}

const keyOf = ({ version, bits, address }: Network) => `${version}/${bits}/${address}`
