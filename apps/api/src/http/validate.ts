import type { z } from 'zod'
import { escapePointer } from './json-body.ts'
import { Problem, type FieldError } from './problem.ts'

/** A body with a thousand mistakes is answered with the first few. */
const MAX_FIELD_ERRORS = 20

/** Parses what a client sent; `undefined` is a body that is not there. Throws the problem `invalid_request` with a JSON Pointer for every mistake. */
export function validate<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  if (input === undefined) {
    const detail = 'This needs a JSON body.'
    throw new Problem('invalid_request', { detail, errors: [{ pointer: '', detail }] })
  }
  throw invalidRequest(result.error)
}

/** The problem that a failed validation is answered with. */
export function invalidRequest(error: z.ZodError): Problem {
  return new Problem('invalid_request', {
    detail: 'Some fields are not as they should be.',
    errors: error.issues.flatMap(fieldErrors).slice(0, MAX_FIELD_ERRORS),
  })
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const pointer = issue.path.map((token) => `/${escapePointer(String(token))}`).join('')
  if (issue.code !== 'unrecognized_keys') return [{ pointer, detail: `${issue.message}.` }]
  return issue.keys.slice(0, MAX_FIELD_ERRORS).map((key) => ({
    pointer: `${pointer}/${escapePointer(key.slice(0, 100))}`,
    detail: 'Unknown field.',
  }))
}
