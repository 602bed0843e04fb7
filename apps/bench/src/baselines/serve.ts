import { createServer } from 'node:http'
import express, { type ErrorRequestHandler } from 'express'
import { z } from 'zod'
import type { UndecidedRequest } from '@boxoffice/core/booking-requests/queries/read-undecided.ts'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import { loadSecrets } from '@boxoffice/core/settings/secrets.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'
import { createTokenVerifier } from '@boxoffice/core/access/tokens.ts'
import { isProblem, Problem } from '@boxoffice/core/use-case/problem.ts'
import { bookingRequestOf } from './booking-body.ts'
import type { Outcome } from './book-one.ts'

/**
 * Serves POST /v1/booking-requests for a baseline: the same verification of tokens and the same validation as the API,
 * then `book`, then the outcome: 201 for a booking, 409 for a refusal. Resolves with the port.
 */
export async function serveBookings(
  settings: Settings,
  logger: Logger,
  book: (request: UndecidedRequest) => Promise<Outcome>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const verify = createTokenVerifier(settings, await loadSecrets(settings))
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.use(express.json({ limit: '64kb' }))
  app.post('/v1/booking-requests', async (request, response) => {
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) throw new Problem('unauthenticated', { detail: 'There is no Bearer token.' })
    const outcome = await book(bookingRequestOf(request.body, await verify(token)))
    response.statusCode = outcome.booking === null ? 409 : 201
    response.setHeader('Content-Type', 'application/json')
    response.end(JSON.stringify(outcome))
  })
  // Express knows an error handler by its four parameters.
  const onError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
    const status = isProblem(error, 'unauthenticated') ? 401 : error instanceof z.ZodError ? 400 : 500
    if (status === 500) logger.error({ err: error }, 'booking failed')
    response.status(status).json({ error: error instanceof Error ? error.message : String(error) })
  }
  app.use(onError)

  const server = createServer({ keepAliveTimeout: 65_000, noDelay: true }, app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(settings.PORT, settings.HOST, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
