import type { z } from 'zod'
import { plainSentence } from '@boxoffice/contract/plain-sentence.ts'
import { escapePointer } from './json-body.ts'
import { Problem, type FieldError } from './problem.ts'

/** A body with a thousand mistakes is answered with the first few. */
const MAX_FIELD_ERRORS = 20

/** Where it came from, for the sentences about it. */
type Place = 'body' | 'query'

/**
 * Parses what a client sent; `undefined` is a body that is not there. Throws the problem `invalid_request` with a JSON
 * Pointer for every mistake.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: Place = 'body',
): z.output<Schema> {
  const result = schema.safeParse(input, { error: plainSentence })
  if (result.success) return result.data
  if (input === undefined) {
    const detail = 'This needs a JSON body.'
    throw new Problem('invalid_request', { detail, errors: [{ pointer: '', detail }] })
  }
  const { issues } = result.error
  throw new Problem('invalid_request', {
    detail: `Some ${place === 'body' ? 'fields' : 'query parameters'} are not as they should be.`,
    errors: issues.flatMap((issue) => fieldErrors(issue, place)).slice(0, MAX_FIELD_ERRORS),
  })
}

function fieldErrors(issue: z.core.$ZodIssue, place: Place): FieldError[] {
  const pointer = issue.path.map((token) => `/${escapePointer(String(token))}`).join('')
  if (issue.code !== 'unrecognized_keys') return [{ pointer, detail: `${issue.message}.` }]
  return issue.keys.slice(0, MAX_FIELD_ERRORS).map((key) => ({
    pointer: `${pointer}/${escapePointer(key.slice(0, 100))}`,
    detail: place === 'body' ? 'Unknown field.' : 'Unknown query parameter.',
  }))
}
