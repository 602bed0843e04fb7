import { createServer } from 'node:http'
import express, { type Router } from 'express'
import { createLogger } from '@boxoffice/core/runtime/logger.ts'
import type { VerifyToken } from '@boxoffice/core/access/tokens.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'
import { NO_LIMITS } from '../../apps/api/src/http/admission.ts'
import { authenticator } from '../../apps/api/src/http/authenticate.ts'
import { errorHandler } from '../../apps/api/src/http/error-handler.ts'
import { assignRequestId } from '../../apps/api/src/http/request-id.ts'
import type { RouteDependencies } from '../../apps/api/src/http/routes.ts'
import { listenOnLoopback } from './loopback-server.ts'

/** What routes need, without limits; no token is valid unless `verify` is given. */
export const routeDependencies = (verify: VerifyToken = refuseToken): RouteDependencies => ({
  authenticate: authenticator(verify),
  admission: NO_LIMITS,
})

const refuseToken: VerifyToken = () =>
  Promise.reject(new Problem('unauthenticated', { detail: 'no token is valid here' }))

/** Serves some of the API's routers on a free port, with what every request passes through. */
export async function serveRouters(
  routers: readonly Router[],
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = express()
  app.disable('etag')
  app.use(assignRequestId, ...routers, errorHandler(createLogger('test', 'silent')))
  const server = createServer(app)
  const { url, close } = await listenOnLoopback(server)
  return {
    url,
    close,
  }
}
