import type { RequestHandler } from 'express'

/** Has clients and proxies connect anew, elsewhere, while the process stops: a connection that is kept is cut off later. */
export function closeWhenStopping(isStopping: () => boolean): RequestHandler {
  return (_request, response, next) => {
    if (isStopping()) response.setHeader('Connection', 'close')
    next()
  }
}
