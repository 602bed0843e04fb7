import { layoutBody } from '@boxoffice/contract/schemas/management-layout.ts'
import type { ProblemCode } from '@boxoffice/core/domain/problems.ts'
import { prepareLayout, type PreparedLayout } from '@boxoffice/core/catalogue/prepare-layout.ts'
import type { ConvertedLayout } from '@boxoffice/core/domain/layout-formats/converted.ts'
import { layoutOfCsv } from '@boxoffice/core/domain/layout-formats/csv-layout.ts'
import { isPretixPlan, layoutOfPretix } from '@boxoffice/core/domain/layout-formats/pretix-layout.ts'
import { parseJson } from '../bodies/parse-json.ts'
import { type FieldError, Problem } from '@boxoffice/core/use-case/problem.ts'
import { validate } from '../bodies/validate.ts'

/** The result of reading a body. Errors do not keep their class on the way from one thread to another. */
export type ReadSeating =
  | { readonly layout: PreparedLayout }
  | {
      readonly problem: { readonly code: ProblemCode; readonly detail: string; readonly errors: readonly FieldError[] }
    }

/** Two objects for each of 200,000 seats, another one and a list for each row, and 200 areas with 200 corners each. */
const MAX_PARTS = 840_600

/**
 * Formats of an import: the text of a list of seats, or a JSON document. `json` is a seating plan of pretix where it has
 * `zones`; otherwise it is ours.
 */
export type SeatingFormat = 'csv' | 'json' | 'boxoffice' | 'pretix'

/** A body that is given to the thread. */
export interface SeatingFile {
  readonly bytes: Uint8Array
  readonly format: SeatingFormat
}

/** Does `readSeating` in a thread. */
export const readSeatingFile = ({ bytes, format }: SeatingFile): ReadSeating => readSeating(bytes, format)

/**
 * Reads the body of an import: parses it, holds it against form and rules, and prepares it for the database. 200,000 seats
 * take more than a second, so it is run in a thread (`seating-reader.ts`).
 */
export function readSeating(bytes: Uint8Array, format: SeatingFormat = 'json'): ReadSeating {
  try {
    if (format === 'csv') return { layout: prepareConverted(layoutOfCsv(textOf(bytes))) }
    const body = bytes.length === 0 ? undefined : parseJson(bytes, MAX_PARTS)
    if (format === 'pretix' || (format === 'json' && isPretixPlan(body)))
      return { layout: prepareConverted(layoutOfPretix(body)) }
    return { layout: prepareLayout(validate(layoutBody, body)) }
  } catch (error) {
    if (error instanceof Problem) {
      return { problem: { code: error.code, detail: error.message, errors: error.errors } }
    }
    throw error
  }
}

const prepareConverted = ({ layout, ...source }: ConvertedLayout) => prepareLayout(layout, source)

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    const detail = 'The list of seats is not in UTF-8.'
    throw new Problem('invalid_request', { detail, errors: [{ pointer: '', detail }] })
  }
}
