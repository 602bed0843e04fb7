import type { IncomingMessage } from 'node:http'
import { parseJson } from './parse-json.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'

const MAX_BODY_BYTES = 65_536

/** Bytes of a too large body that are read off, so that its sender gets to read the answer. */
const MAX_DRAINED_BYTES = 4_194_304

/** `application/json` and types built on it (RFC 6839), in UTF-8 (RFC 8259 section 8.1). */
const JSON_TYPE = /^application\/(?:[a-z0-9.-]+\+)?json[ \t]*(?:;[ \t]*charset[ \t]*=[ \t]*"?utf-8"?[ \t]*)?;?$/i

/**
 * Reads a JSON body; `undefined` where there is none. Compressed bodies are refused, so what is counted is what is
 * parsed. Strings that PostgreSQL cannot store never get past here.
 */
export async function readJsonBody(request: IncomingMessage, maxBytes?: number): Promise<unknown> {
  const bytes = await readJsonBytes(request, maxBytes)
  return bytes.length === 0 ? undefined : parseJson(bytes)
}

/** Reads a JSON body; empty where there is none. */
async function readJsonBytes(request: IncomingMessage, maxBytes: number = MAX_BODY_BYTES): Promise<Buffer> {
  const { bytes } = await readTypedBytes(request, maxBytes, JSON_ONLY)
  return bytes
}

const CSV_TYPE = /^text\/csv[ \t]*(?:;[ \t]*(?:charset[ \t]*=[ \t]*"?utf-8"?|header[ \t]*=[ \t]*present)[ \t]*)*;?$/i

const JSON_ONLY = { json: JSON_TYPE } as const
const JSON_OR_CSV = { json: JSON_TYPE, csv: CSV_TYPE } as const

/** Reads a body of JSON or CSV for another thread to parse, which takes long where it is large; empty where there is none. */
export function readJsonOrCsvBytes(
  request: IncomingMessage,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<{ readonly bytes: Buffer; readonly type: 'json' | 'csv' }> {
  return readTypedBytes(request, maxBytes, JSON_OR_CSV)
}

async function readTypedBytes<Type extends string>(
  request: IncomingMessage,
  maxBytes: number,
  types: Readonly<Record<Type | 'json', RegExp>>,
): Promise<{ readonly bytes: Buffer; readonly type: Type | 'json' }> {
  const length = request.headers['content-length']
  if ((length === undefined || length === '0') && request.headers['transfer-encoding'] === undefined)
    return { bytes: Buffer.alloc(0), type: 'json' }
  const bytes = await readBytes(request, maxBytes)
  return { bytes, type: typeOf(request, types) }
}

function typeOf<Type extends string>(request: IncomingMessage, types: Readonly<Record<Type, RegExp>>): Type {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new Problem('unsupported_media_type', { detail: 'The body must not be compressed.' })
  }
  const given = request.headers['content-type'] ?? ''
  for (const type of Object.keys(types) as Type[]) if (types[type].test(given)) return type
  const also = 'csv' in types ? ' or text/csv' : ''
  throw new Problem('unsupported_media_type', { detail: `The body must be application/json${also} in UTF-8.` })
}

/** Reads the body as it was sent, at most 64 KB by default. Throws the problem `body_too_large`. */
export function readBytes(request: IncomingMessage, maxBytes: number = MAX_BODY_BYTES): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = []
    let size = 0
    const tooLarge = () =>
      new Problem('body_too_large', { detail: `The body must not be larger than ${maxBytes} bytes.` })
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      else chunks = []
      if (size > maxBytes + MAX_DRAINED_BYTES) {
        request.pause()
        reject(tooLarge())
      }
    })
    request.on('end', () => {
      if (size > maxBytes) reject(tooLarge())
      else resolve(Buffer.concat(chunks, size))
    })
    // The sender went away. Nobody is left to read the answer; it only ends the wait.
    request.on('error', () => reject(new Problem('malformed_http', { detail: 'The body ended early.' })))
  })
}
