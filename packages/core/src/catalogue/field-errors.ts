import type { Broken } from '../fields/field.ts'
import { type FieldError, Problem } from '../use-case/problem.ts'

/** An input with 20,000 faulty seats must not become an answer of 20,000 sentences. */
const MAX_FIELD_ERRORS = 50

/** Collects the errors of an input, so that an organizer sees them all at once. */
export class FieldErrors {
  readonly #found: FieldError[] = []

  require(holds: boolean, pointer: string, detail: string): void {
    if (!holds && this.#found.length < MAX_FIELD_ERRORS) this.#found.push({ pointer, detail })
  }

  /** Reads no further than there is room. */
  addAll(found: Iterable<FieldError>): void {
    for (const error of found) {
      if (this.#found.length >= MAX_FIELD_ERRORS) return
      this.#found.push(error)
    }
  }

  /**
   * Throws everything that was found, at once.
   *
   * @throws Problem `invalid_request` when anything was found
   */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new Problem('invalid_request', { errors: this.#found })
  }
}

/**
 * Holds a change against its rules, together with the fields that stay.
 *
 * @throws Problem `invalid_request` naming the fields of a rule that is broken
 */
export function requireRules(broken: Iterable<Broken>): void {
  const errors = [...broken].map(({ path, message }) => ({ pointer: `/${path.join('/')}`, detail: `${message}.` }))
  if (errors.length > 0) throw new Problem('invalid_request', { errors })
}
