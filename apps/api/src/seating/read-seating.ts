import { layoutBody } from '@boxoffice/contract/schemas/management-layout.ts'
import { prepareLayout, type PreparedLayout } from '@boxoffice/core/catalogue/prepare-layout.ts'
import type { ProblemCode } from '@boxoffice/core/domain/problems.ts'
import { type FieldError, Problem } from '@boxoffice/core/use-case/problem.ts'
import { parseJson } from '../http/parse-json.ts'
import { validate } from '../http/validate.ts'

/** The result of reading a body. Errors do not keep their class on the way from one thread to another. */
export type ReadSeating =
  | { readonly layout: PreparedLayout }
  | {
      readonly problem: { readonly code: ProblemCode; readonly detail: string; readonly errors: readonly FieldError[] }
    }

/** An object for each of 200,000 seats, and another one and a list for each row. */
const MAX_PARTS = 600_100

/**
 * Reads the body of an import: parses it, holds it against form and rules, and prepares it for the database. 200,000 seats
 * take more than a second, so it is run in a thread (`seating-reader.ts`).
 */
export function readSeating(bytes: Uint8Array): ReadSeating {
  try {
    const body = bytes.length === 0 ? undefined : parseJson(bytes, MAX_PARTS)
    const { categories, rows } = validate(layoutBody, body)
    return { layout: prepareLayout(categories, rows) }
  } catch (error) {
    if (error instanceof Problem) {
      return { problem: { code: error.code, detail: error.message, errors: error.errors } }
    }
    throw error
  }
}
