import type { IncomingMessage } from 'node:http'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { parseJson } from './parse-json.ts'

const MAX_BODY_BYTES = 65_536

/** Of a body that is too large, this much is read off, so that its sender gets to read the answer. */
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

/** Reads a JSON body for another thread to parse, which takes long where it is large; empty where there is none. */
export async function readJsonBytes(request: IncomingMessage, maxBytes: number = MAX_BODY_BYTES): Promise<Buffer> {
  const length = request.headers['content-length']
  if ((length === undefined || length === '0') && request.headers['transfer-encoding'] === undefined)
    return Buffer.alloc(0)
  const bytes = await readBytes(request, maxBytes)
  refuseForeignBody(request)
  return bytes
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
