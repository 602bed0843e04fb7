/** Lines of one batch at the most. */
const MAX_LINES = 250

/** Lines of one batch, if there are so many: of a few long ones, whatever they hold. */
const MIN_LINES = 16

/** Lines that wait for their turn at one decider, each behind those that came before it. It decides nothing and has no clock. */
export class Turns {
  /** Number of requests that are known to wait, by line; the line whose turn is next comes first. */
  readonly #lines = new Map<string, number>()
  readonly #maxLines: number

  /** Begins without lines; `alone` for one line at a time. */
  constructor({ alone = false }: { readonly alone?: boolean } = {}) {
    this.#maxLines = alone ? 1 : MAX_LINES
  }

  get size(): number {
    return this.#lines.size
  }

  has(line: string): boolean {
    return this.#lines.has(line)
  }

  /** Notes that so many more requests wait in a line. One that waits already keeps its turn. */
  notify(line: string, requests: number): void {
    this.#lines.set(line, (this.#lines.get(line) ?? 0) + requests)
  }

  /** Gives lines back that were taken and have had no turn: they come before all others, in the order given. */
  putBack(lines: ReadonlyMap<string, number>): void {
    const others = [...this.#lines]
    this.#lines.clear()
    for (const [line, requests] of [...lines, ...others]) this.notify(line, requests)
  }

  /**
   * Takes the lines whose turn is next, until so many requests are known to wait in them. Of a few long lines it takes some
   * more, whatever they hold.
   */
  take(requests: number): string[] {
    const taken: string[] = []
    let known = 0
    for (const [line, waiting] of this.#lines) {
      if (taken.length >= Math.min(this.#maxLines, requests)) break
      if (known >= requests && taken.length >= MIN_LINES) break
      taken.push(line)
      this.#lines.delete(line)
      known += waiting
    }
    return taken
  }
}
