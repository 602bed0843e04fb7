import type { z } from 'zod'

/** Words for zod's types. */
const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
}

const FORMATS: Readonly<Record<string, string>> = {
  email: 'an e-mail address',
  url: 'a URL',
  uuid: 'a UUID',
  guid: 'a UUID',
  datetime: 'a time such as 2026-11-22T18:00:00Z',
  date: 'a date such as 2026-11-22',
}

/** Returns the sentence for a mistake, without its full stop, if the schema itself has none. */
export const plainSentence: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'Required' : `Must be ${TYPES[issue.expected] ?? `of type ${issue.expected}`}`
    case 'invalid_value':
      return issue.input === undefined ? 'Required' : `Must be ${oneOf(issue.values)}`
    case 'invalid_format':
      return FORMATS[issue.format] === undefined ? 'Is not of the right form' : `Must be ${FORMATS[issue.format]}`
    case 'too_small':
      return sized(issue.origin, 'at least', Number(issue.minimum))
    case 'too_big':
      return sized(issue.origin, 'at most', Number(issue.maximum))
    case 'not_multiple_of':
      return issue.divisor === 1 ? 'Must be a whole number' : `Must be a multiple of ${issue.divisor}`
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'Is not of the right form'
    case 'invalid_union':
      return 'Has none of the forms that are taken here'
    default:
      return 'Is not as it should be'
  }
}

const oneOf = (values: readonly unknown[]) =>
  new Intl.ListFormat('en', { type: 'disjunction' }).format(values.map((value) => String(value)))

function sized(origin: string, bound: string, limit: number): string {
  if (origin === 'string') return `Must have ${bound} ${counted(limit, 'character')}`
  if (origin === 'array' || origin === 'set') return `Must have ${bound} ${counted(limit, 'item')}`
  return `Must be ${bound} ${limit}`
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
