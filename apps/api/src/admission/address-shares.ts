import type { ClientNetwork } from '@boxoffice/core/limits/client-network.ts'

/** An address may have this part of what is left. With an eighth, one alone gets a ninth of all. */
const PART_OF_WHAT_IS_LEFT = 1 / 8

export interface SharesOptions {
  /** All that there is of it in this process: connections, streams, bytes. `Infinity` for no limit. */
  readonly total: number
  /** The most of it that one address may have. */
  readonly perAddress?: number
}

/**
 * Shares out something bounded among addresses. An address may have a fixed part of what nobody has taken, so that however
 * many addresses take what they can get, there is some left for the next one (dynamic thresholds: Choudhury and Hahne,
 * "Dynamic queue length thresholds for shared-memory packet switches", 1998). Wider networks have larger parts.
 */
export class AddressShares {
  readonly total: number
  readonly #perAddress: number
  readonly #taken = new Map<string, number>()
  #used = 0

  constructor({ total, perAddress = total }: SharesOptions) {
    this.total = total
    this.#perAddress = perAddress
  }

  /** Returns how much of it is taken. */
  get used(): number {
    return this.#used
  }

  /** Returns whether there is so much left, and all networks may have it. */
  hasRoom(networks: readonly ClientNetwork[], amount: number): boolean {
    return this.#used + amount <= this.total && this.isWithinShare(networks, amount)
  }

  /** Returns whether all networks may have `amount` more. Whoever has nothing yet may have any amount. */
  isWithinShare(networks: readonly ClientNetwork[], amount: number): boolean {
    const share = Math.min(this.#perAddress, (this.total - this.#used) * PART_OF_WHAT_IS_LEFT)
    return networks.every(({ name, times }) => {
      const taken = this.#taken.get(name) ?? 0
      // A wide network takes from the same whole, so its part grows more slowly than a budget of its own would.
      return taken === 0 || taken + amount <= share * Math.sqrt(times)
    })
  }

  /** Takes `amount` for all networks, room or not; `inAll` is less where somebody else has the same already. */
  take(networks: readonly ClientNetwork[], amount: number, inAll = amount): void {
    this.#used += inAll
    for (const { name } of networks) this.#taken.set(name, (this.#taken.get(name) ?? 0) + amount)
  }

  /** Gives back what was taken. */
  giveBack(networks: readonly ClientNetwork[], amount: number, inAll = amount): void {
    this.#used -= inAll
    for (const { name } of networks) {
      const left = (this.#taken.get(name) ?? 0) - amount
      if (left <= 0) this.#taken.delete(name)
      else this.#taken.set(name, left)
    }
  }
}
