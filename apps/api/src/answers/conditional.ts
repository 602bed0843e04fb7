import type { IncomingMessage, ServerResponse } from 'node:http'
import { noteSharedBody } from './shared-body.ts'

const ENTITY_TAG = /(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")/g

/**
 * Returns whether `If-None-Match` lists this strong entity tag: weak comparison, `*` lists all (RFC 9110 section
 * 13.1.2).
 */
function isListed(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag) return true
  if (ifNoneMatch.trim() === '*') return true
  for (const [, tag] of ifNoneMatch.matchAll(ENTITY_TAG)) if (tag === etag) return true
  return false
}

/**
 * Answers a GET with JSON that was serialised before, or with 304 to those who have it. Public: nobody's secrets. The parts
 * are sent as they are: what many slow readers are sent lies in memory once.
 */
export function sendCachedJson(
  request: IncomingMessage,
  response: ServerResponse,
  { etag, parts }: { readonly etag: string; readonly parts: readonly Buffer[] },
  cacheControl: string,
): void {
  response.setHeader('ETag', etag)
  response.setHeader('Cache-Control', cacheControl)
  if (isListed(request.headers['if-none-match'], etag)) {
    response.statusCode = 304
    response.end()
    return
  }
  response.setHeader('Content-Type', 'application/json')
  response.setHeader(
    'Content-Length',
    parts.reduce((sum, { length }) => sum + length, 0),
  )
  noteSharedBody(response, largestOf(parts))
  for (const part of parts) response.write(part)
  response.end()
}

/** Returns the largest part. The others are a few hundred bytes, made for this answer perhaps. */
function largestOf(parts: readonly Buffer[]): Buffer {
  return parts.reduce((largest, part) => (part.length > largest.length ? part : largest), Buffer.alloc(0))
}
