import type { Cursor } from './cursor.ts'

/** The WHERE clause of a list and the values of its statement, of which the first is the limit (`$1`). */
export class ListFilter {
  readonly values: unknown[]
  readonly #conditions: string[]
  readonly #kept: string[] = ['true']

  constructor(limit: number, ...always: readonly string[]) {
    this.values = [limit]
    this.#conditions = ['true', ...always]
  }

  /** Adds a condition where its value is asked for: `$1 is null or …` would keep the planner from the index. */
  where(condition: (parameter: string) => string, value: unknown): void {
    if (value === null) return
    this.values.push(value)
    this.#conditions.push(condition(`$${this.values.length}`))
  }

  /** Adds a condition that no index finds: it says which rows of a window match (see `window.ts`). */
  keep(condition: (parameter: string) => string, value: unknown): void {
    if (value === null) return
    this.values.push(value)
    this.#kept.push(condition(`$${this.values.length}`))
  }

  /** Adds that rows lie beyond the cursor by time and id: `>` for lists that rise, `<` for those that fall. */
  beyond(columns: string, direction: '<' | '>', after: Cursor | null): void {
    if (after === null) return
    this.values.push(after.key, after.id)
    const [key, id] = [this.values.length - 1, this.values.length]
    this.#conditions.push(
      `(${columns}) ${direction} (timestamptz 'epoch' + $${key}::float8 * interval '1 microsecond', $${id}::uuid)`,
    )
  }

  /** Conditions added by `keep`. */
  get matches(): string {
    return this.#kept.join(' and ')
  }

  get clause(): string {
    return this.#conditions.join(' and ')
  }
}
