import { randomUUID } from 'node:crypto'
import type { RequestHandler } from 'express'
import type { ServerResponse } from 'node:http'

const HEADER = 'X-Request-Id'

/** Form of a request id that is accepted from a caller: it goes into logs, headers and error reports. */
const SANE = /^[A-Za-z0-9._:-]{1,64}$/

/** Gives every request an id, the caller's own where that is sane, and echoes it. */
export const assignRequestId: RequestHandler = (request, response, next) => {
  const given = request.headers['x-request-id']
  response.setHeader(HEADER, typeof given === 'string' && SANE.test(given) ? given : randomUUID())
  next()
}

/** Returns the id that `assignRequestId` gave the request. */
export function requestIdOf(response: ServerResponse): string {
  const id = response.getHeader(HEADER)
  return typeof id === 'string' ? id : ''
}
