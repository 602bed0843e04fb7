import type { IncomingMessage } from 'node:http'
import { Problem } from './problem.ts'

const MAX_BODY_BYTES = 65_536

/** Of a body that is too large, this much is read off, so that its sender gets to read the answer. */
const MAX_DRAINED_BYTES = 4_194_304

const MAX_DEPTH = 32

/** `application/json` and types built on it (RFC 6839), in UTF-8 (RFC 8259 section 8.1). */
const JSON_TYPE = /^application\/(?:[a-z0-9.-]+\+)?json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?;?$/i

/**
 * Reads a JSON body; `undefined` where there is none. Compressed bodies are refused, so what is counted is what is
 * parsed. Strings that PostgreSQL cannot store never get past here.
 */
export async function readJsonBody(request: IncomingMessage, maxBytes: number = MAX_BODY_BYTES): Promise<unknown> {
  const length = request.headers['content-length']
  if ((length === undefined || length === '0') && request.headers['transfer-encoding'] === undefined) return undefined
  const bytes = await readBytes(request, maxBytes)
  refuseForeignBody(request)
  return bytes.length === 0 ? undefined : parseJson(bytes)
}

function refuseForeignBody(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem('unsupported_media_type', { detail: 'The body must not be compressed.' })
  }
  const type = request.headers['content-type']
  if (type === undefined || !JSON_TYPE.test(type)) {
    throw new Problem('unsupported_media_type', { detail: 'The body must be application/json in UTF-8.' })
  }
}

/** The body as it was sent, at most 64 KB unless more are let in. Throws the problem `body_too_large`. */
export function readBytes(request: IncomingMessage, maxBytes: number = MAX_BODY_BYTES): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let size = 0
    const tooLarge = (headers: Record<string, string>) =>
      new Problem('body_too_large', { detail: `The body must not be larger than ${maxBytes} bytes.`, headers })
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else chunks = []
      if (size > maxBytes + MAX_DRAINED_BYTES) {
        request.pause()
        reject(tooLarge({ Connection: 'close' }))
      }
    })
    request.on('end', () => {
      if (size > maxBytes) reject(tooLarge({}))
      else resolve(Buffer.concat(chunks, size))
    })
    // The sender went away. Nobody is left to read the answer; it only ends the wait.
    request.on('error', () => reject(new Problem('malformed_http', { detail: 'The body ended early.' })))
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Parses untrusted JSON. Throws a `Problem` for what is no JSON and for strings and keys that are not let in. */
function parseJson(bytes: Uint8Array): unknown {
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

function refuseUnstorable(root: unknown): void {
  const refuse = (pointer: string, detail: string): never => {
    throw new Problem('invalid_request', {
      detail: 'Some fields are not as they should be.',
      errors: [{ pointer, detail }],
    })
  }
  const visit = (value: unknown, pointer: string, depth: number): void => {
    if (depth > MAX_DEPTH) refuse(pointer.slice(0, 200), `Nested more than ${MAX_DEPTH} levels deep.`)
    if (typeof value === 'string') {
      if (!isStorable(value)) refuse(pointer, 'Holds U+0000 or half of a surrogate pair.')
    } else if (Array.isArray(value)) {
      value.forEach((item, index) => visit(item, `${pointer}/${index}`, depth + 1))
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        if (!isStorable(key)) refuse(pointer, 'Has a key that holds U+0000 or half of a surrogate pair.')
        if (key === '__proto__') refuse(`${pointer}/__proto__`, 'Unknown field.')
        visit(item, `${pointer}/${escapePointer(key)}`, depth + 1)
      }
    }
  }
  visit(root, '', 0)
}

const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed()

/** One reference token of a JSON Pointer (RFC 6901 section 3). */
export const escapePointer = (token: string) => token.replaceAll('~', '~0').replaceAll('/', '~1')
