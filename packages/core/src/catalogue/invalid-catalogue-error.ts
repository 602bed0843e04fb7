/** One thing that is wrong with an input. */
export interface Problem {
  /** JSON Pointer (RFC 6901) into the input: `/rows/3/seats/0/category`. */
  readonly pointer: string
  /** One English sentence for people. */
  readonly detail: string
}

/** The input breaks a rule of the catalogue; nothing was written. Names every problem, up to 50. */
export class InvalidCatalogueError extends Error {
  override readonly name = 'InvalidCatalogueError'
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    super(problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(' '))
    this.problems = problems
  }
}

/** Something of that name exists already. */
export class AlreadyExistsError extends Error {
  override readonly name = 'AlreadyExistsError'
}

/** An input with 20,000 faulty seats must not become an answer of 20,000 sentences. */
const MAX_PROBLEMS = 50

/** Collects problems, so that an organizer sees them all at once. */
export class Problems {
  readonly #found: Problem[] = []

  require(holds: boolean, pointer: string, detail: string): void {
    if (!holds && this.#found.length < MAX_PROBLEMS) this.#found.push({ pointer, detail })
  }

  /** Reads no further than there is room. */
  addAll(found: Iterable<Problem>): void {
    for (const problem of found) {
      if (this.#found.length >= MAX_PROBLEMS) return
      this.#found.push(problem)
    }
  }

  /** @throws InvalidCatalogueError when anything was found. */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new InvalidCatalogueError(this.#found)
  }
}
