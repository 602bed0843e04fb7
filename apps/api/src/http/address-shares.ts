import type { AddressBlock } from './address-blocks.ts'

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
 * "Dynamic queue length thresholds for shared-memory packet switches", 1998). Larger blocks have larger parts.
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

  /** Returns whether there is so much left, and all blocks may have it. */
  hasRoom(blocks: readonly AddressBlock[], amount: number): boolean {
    return this.#used + amount <= this.total && this.isWithinShare(blocks, amount)
  }

  /** Returns whether all blocks may have `amount` more. Whoever has nothing yet may have any amount. */
  isWithinShare(blocks: readonly AddressBlock[], amount: number): boolean {
    const share = Math.min(this.#perAddress, (this.total - this.#used) * PART_OF_WHAT_IS_LEFT)
    return blocks.every(({ key, factor }) => {
      const taken = this.#taken.get(key) ?? 0
      return taken === 0 || taken + amount <= share * factor
    })
  }

  /** Takes `amount` for all blocks, room or not; `inAll` is less where somebody else has the same already. */
  take(blocks: readonly AddressBlock[], amount: number, inAll = amount): void {
    this.#used += inAll
    for (const { key } of blocks) this.#taken.set(key, (this.#taken.get(key) ?? 0) + amount)
  }

  /** Gives back what was taken. */
  giveBack(blocks: readonly AddressBlock[], amount: number, inAll = amount): void {
    this.#used -= inAll
    for (const { key } of blocks) {
      const left = (this.#taken.get(key) ?? 0) - amount
      if (left <= 0) this.#taken.delete(key)
      else this.#taken.set(key, left)
    }
  }
}
