import { timingSafeEqual, createHash } from 'node:crypto'

/**
 * Returns whether a caller with this `Authorization` header may read the metrics: everybody, unless a token guards
 * them.
 */
export function mayScrape(token: string | undefined, authorization: string | undefined): boolean {
  if (token === undefined) return true
  const presented = /^Bearer +(.+)$/i.exec(authorization ?? '')?.[1]
  // Hashed, for both must be of one length to be compared in constant time.
  return presented !== undefined && timingSafeEqual(digest(presented), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
