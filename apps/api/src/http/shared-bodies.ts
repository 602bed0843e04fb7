import type { AddressBlock } from './address-blocks.ts'

interface Readers {
  all: number
  readonly byBlock: Map<string, number>
}

/** Bodies that are being sent, each perhaps to many clients, and how many of each block of addresses. */
export class SharedBodies {
  readonly #readers = new Map<Uint8Array, Readers>()

  /** Returns how many readers a body has. */
  readers(body: Uint8Array): number {
    return this.#readers.get(body)?.all ?? 0
  }

  /** Adds a reader. Returns whether it is the first one of the body, and the blocks that it is the first one of. */
  add(body: Uint8Array, blocks: readonly AddressBlock[]): { isFirst: boolean; firstOf: readonly AddressBlock[] } {
    const readers = this.#readers.get(body) ?? { all: 0, byBlock: new Map<string, number>() }
    this.#readers.set(body, readers)
    const firstOf = blocks.filter(({ key }) => !readers.byBlock.has(key))
    for (const { key } of blocks) readers.byBlock.set(key, (readers.byBlock.get(key) ?? 0) + 1)
    readers.all += 1
    return { isFirst: readers.all === 1, firstOf }
  }

  /** Removes a reader. Returns whether it was the last one of the body, and the blocks that it was the last one of. */
  remove(body: Uint8Array, blocks: readonly AddressBlock[]): { isLast: boolean; lastOf: readonly AddressBlock[] } {
    const readers = this.#readers.get(body)
    if (readers === undefined) return { isLast: false, lastOf: [] }
    const lastOf = blocks.filter(({ key }) => {
      const left = (readers.byBlock.get(key) ?? 0) - 1
      if (left > 0) readers.byBlock.set(key, left)
      else readers.byBlock.delete(key)
      return left <= 0
    })
    readers.all -= 1
    if (readers.all === 0) this.#readers.delete(body)
    return { isLast: readers.all === 0, lastOf }
  }
}
