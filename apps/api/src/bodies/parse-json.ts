import { Problem } from '@boxoffice/core/use-case/problem.ts'

const MAX_DEPTH = 32

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPENING_BRACE = 0x7b
const CLOSING_BRACE = 0x7d
const OPENING_BRACKET = 0x5b
const CLOSING_BRACKET = 0x5d

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Parses untrusted JSON. Throws a `Problem` for what is no JSON, is nested too deep or has too many parts, and for strings
 * and keys that are not let in.
 *
 * @param maxParts how many objects and lists it may have; each takes far more memory than the two bytes it is sent as
 */
export function parseJson(bytes: Uint8Array, maxParts: number = Number.POSITIVE_INFINITY): unknown {
  refuseMaze(bytes, maxParts)
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    throw new Problem('malformed_json')
  }
  // Raw control characters are no JSON and lone surrogates no UTF-8: only an escape can smuggle one in. Most bodies
  // have none, and then there is nothing to look at twice.
  if (text.includes('\\u') || text.includes('__proto__')) refuseUnstorable(value)
  return value
}

/**
 * Refuses by one pass over the bytes what is cheap to send and costly to parse: 8 MB of `[` are a second and 240 MB. What is
 * no JSON may be counted wrongly, and is refused by the parser.
 */
function refuseMaze(bytes: Uint8Array, maxParts: number): void {
  let depth = 0
  let parts = 0
  let isText = false
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index]
    if (isText) {
      if (byte === BACKSLASH) index += 1
      else if (byte === QUOTE) isText = false
    } else if (byte === QUOTE) isText = true
    else if (byte === OPENING_BRACE || byte === OPENING_BRACKET) {
      depth += 1
      parts += 1
      if (depth > MAX_DEPTH) refuse('', `Nested more than ${MAX_DEPTH} levels deep.`)
      if (parts > maxParts) refuse('', `Has more than ${maxParts} objects and lists.`)
    } else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) depth -= 1
  }
}

function refuse(pointer: string, detail: string): never {
  throw new Problem('invalid_request', {
    detail: 'Some fields are invalid.',
    errors: [{ pointer, detail }],
  })
}

function refuseUnstorable(root: unknown): void {
  const visit = (value: unknown, pointer: string): void => {
    if (typeof value === 'string') {
      if (!isStorable(value)) refuse(pointer, 'Holds U+0000 or half of a surrogate pair.')
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => visit(item, `${pointer}/${index}`))
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (!isStorable(key)) refuse(pointer, 'Has a key that holds U+0000 or half of a surrogate pair.')
        if (key === '__proto__') refuse(`${pointer}/__proto__`, 'Unknown field.')
        visit(item, `${pointer}/${escapePointer(key)}`)
      }
    }
  }
  visit(root, '')
}

const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed()

/** Escapes one reference token of a JSON Pointer (RFC 6901 section 3). */
export const escapePointer = (token: string) => token.replaceAll('~', '~0').replaceAll('/', '~1')
