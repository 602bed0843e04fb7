import type { RequestHandler } from 'express'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'

/**
 * Says once that a proxy seems to stand before the API which it is not told to trust: all that come through it count as
 * one address then, and share its limits.
 */
export function warnOfUnknownProxy(logger: Logger): RequestHandler {
  let warned = false
  return (request, _response, next) => {
    if (!warned && request.headers['x-forwarded-for'] !== undefined) {
      const peer = request.socket.remoteAddress
      if (request.ip === peer) {
        warned = true
        logger.warn({ peer }, 'X-Forwarded-For does not count: if this peer is your proxy, add it to TRUSTED_PROXIES')
      }
    }
    next()
  }
}
