import type { z } from 'zod'
import { plainSentence } from '@boxoffice/contract/plain-sentence.ts'
import { escapePointer } from './parse-json.ts'
import { Problem, type FieldError } from '@boxoffice/core/use-case/problem.ts'

/** A body with a thousand mistakes is answered with the first few. */
const MAX_FIELD_ERRORS = 20

/** Origin of the input, for the sentences about it. */
type Place = 'body' | 'query'

/** Sentences for fields that are not accepted, by pointer, with `*` for any index: see `untakenFields`. */
type Untaken = ReadonlyMap<string, string>

const NOTHING: Untaken = new Map()

/**
 * Parses what a client sent; `undefined` is a body that is not there. Throws the problem `invalid_request` with a JSON
 * Pointer for every mistake, and with one sentence for each pointer: a second one would say the same in other words.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  place: Place = 'body',
  untaken: Untaken = NOTHING,
): z.output<Schema> {
  const result = schema.safeParse(input, { error: plainSentence })
  const reserved = place === 'query' ? reservedParameters(input) : []
  if (result.success && reserved.length === 0) return result.data
  if (input === undefined) {
    const detail = 'This needs a JSON body.'
    throw new Problem('invalid_request', { detail, errors: [{ pointer: '', detail }] })
  }
  const issues = (result.error?.issues ?? [])
    .flatMap(unfold)
    .toSorted((a, b) => Number(isVague(a)) - Number(isVague(b)))
  const errors = [...issues.flatMap((issue) => fieldErrors(issue, place, input, untaken)), ...reserved]
  throw new Problem('invalid_request', {
    detail: `Some ${place === 'body' ? 'fields' : 'query parameters'} are invalid.`,
    errors: firstOfEach(errors).slice(0, MAX_FIELD_ERRORS),
  })
}

/** Returns what is wrong with the one form of several that the input has the type of, else the issue itself. */
function unfold(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue]
  const isOtherType = ({ code, path }: z.core.$ZodIssue) => code === 'invalid_type' && path.length === 0
  const [meant, ...others] = issue.errors.filter((issues) => !issues.some(isOtherType))
  if (meant === undefined || others.length > 0) return [issue]
  return meant.flatMap((inner) => unfold({ ...inner, path: [...issue.path, ...inner.path] }))
}

/** Returns whether an issue says only that a number is none a computer counts with: a bound of its own says more. */
function isVague(issue: z.core.$ZodIssue): boolean {
  const bound = issue.code === 'too_big' ? issue.maximum : issue.code === 'too_small' ? issue.minimum : 0
  return Math.abs(Number(bound)) === Number.MAX_SAFE_INTEGER
}

function fieldErrors(issue: z.core.$ZodIssue, place: Place, input: unknown, untaken: Untaken): FieldError[] {
  const pointer = pointerOf(issue.path)
  if (issue.code !== 'unrecognized_keys') {
    return [{ pointer, detail: isRepeated(issue, place, input) ? 'May stand only once.' : `${issue.message}.` }]
  }
  return issue.keys.slice(0, MAX_FIELD_ERRORS).map((key) => {
    const unknown = place === 'body' ? 'Unknown field' : 'Unknown query parameter'
    const known = untaken.get(`${pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*')}/${escapePointer(key)}`)
    return { pointer: `${pointer}/${escapePointer(key.slice(0, 100))}`, detail: `${known ?? unknown}.` }
  })
}

const pointerOf = (path: readonly PropertyKey[]) => path.map((token) => `/${escapePointer(String(token))}`).join('')

/** Returns whether a query parameter is repeated: it comes as a list. */
function isRepeated({ path: [name] }: z.core.$ZodIssue, place: Place, input: unknown): boolean {
  if (place !== 'query' || typeof name !== 'string' || typeof input !== 'object' || input === null) return false
  return Array.isArray(Reflect.get(input, name))
}

/** Schemas pass over `__proto__`, so that it cannot become one. */
function reservedParameters(input: unknown): FieldError[] {
  const isThere = typeof input === 'object' && input !== null && Object.hasOwn(input, '__proto__')
  return isThere ? [{ pointer: '/__proto__', detail: 'Unknown query parameter.' }] : []
}

function firstOfEach(errors: readonly FieldError[]): FieldError[] {
  const first = new Map<string, FieldError>()
  for (const error of errors) if (!first.has(error.pointer)) first.set(error.pointer, error)
  return [...first.values()]
}
