import type { ClientNetwork } from '@boxoffice/core/limits/client-network.ts'

interface Readers {
  all: number
  readonly byNetwork: Map<string, number>
}

/** Bodies that are being sent, each perhaps to many clients, and how many of each network. */
export class SharedBodies {
  readonly #readers = new Map<Uint8Array, Readers>()

  /** Returns how many readers a body has. */
  readers(body: Uint8Array): number {
    return this.#readers.get(body)?.all ?? 0
  }

  /** Adds a reader. Returns whether it is the first one of the body, and the networks that it is the first one of. */
  add(body: Uint8Array, networks: readonly ClientNetwork[]): { isFirst: boolean; firstOf: readonly ClientNetwork[] } {
    const readers = this.#readers.get(body) ?? { all: 0, byNetwork: new Map<string, number>() }
    this.#readers.set(body, readers)
    const firstOf = networks.filter(({ name }) => !readers.byNetwork.has(name))
    for (const { name } of networks) readers.byNetwork.set(name, (readers.byNetwork.get(name) ?? 0) + 1)
    readers.all += 1
    return { isFirst: readers.all === 1, firstOf }
  }

  /** Removes a reader. Returns whether it was the last one of the body, and the networks that it was the last one of. */
  remove(body: Uint8Array, networks: readonly ClientNetwork[]): { isLast: boolean; lastOf: readonly ClientNetwork[] } {
    const readers = this.#readers.get(body)
    if (readers === undefined) return { isLast: false, lastOf: [] }
    const lastOf = networks.filter(({ name }) => {
      const left = (readers.byNetwork.get(name) ?? 0) - 1
      if (left > 0) readers.byNetwork.set(name, left)
      else readers.byNetwork.delete(name)
      return left <= 0
    })
    readers.all -= 1
    if (readers.all === 0) this.#readers.delete(body)
    return { isLast: readers.all === 0, lastOf }
  }
}
