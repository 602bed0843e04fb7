import cors from 'cors'
import type { RequestHandler } from 'express'

/** A browser asks again after this long whether it may. */
const PREFLIGHT_KEPT_S = 600

const SENT = [
  'Authorization',
  'Content-Type',
  'Idempotency-Key',
  'If-None-Match',
  'Last-Event-ID',
  'Prefer',
  'X-Request-Id',
]
const READ = [
  'ETag',
  'Idempotency-Replayed',
  'Location',
  'Preference-Applied',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'X-Request-Id',
]

/**
 * Lets pages of these origins call the API; `*` lets all. Who they are is said by a token in a header and never by a
 * cookie, so credentials are not let in. Preflights end here, whatever their path.
 */
export function crossOrigin(origins: readonly string[]): RequestHandler {
  const handle = cors({
    origin: origins.includes('*') ? '*' : [...origins],
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: SENT,
    exposedHeaders: READ,
    maxAge: PREFLIGHT_KEPT_S,
  })
  return (request, response, next) => {
    // Other OPTIONS requests are none of a browser's, and are answered like any method that a path does not take.
    const preflight = request.headers['access-control-request-method'] !== undefined
    if (request.headers.origin === undefined || (request.method === 'OPTIONS' && !preflight)) {
      if (!origins.includes('*')) response.vary('Origin')
      next()
    } else handle(request, response, next)
  }
}
