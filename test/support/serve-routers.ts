import { createServer } from 'node:http'
import express from 'express'
import type { Router } from 'express'
import type { VerifyToken } from '@boxoffice/core/access/tokens.ts'
import { NO_LIMITS } from '../../apps/api/src/admission/admission.ts'
import { authenticator } from '../../apps/api/src/callers/authenticate.ts'
import { errorHandler } from '../../apps/api/src/problems/error-handler.ts'
import { assignRequestId } from '../../apps/api/src/problems/request-id.ts'
import type { RouteDependencies } from '../../apps/api/src/routing/routes.ts'
import { testLogger } from './logger.ts'
import { listenOnLoopback } from './loopback-server.ts'
import { Problem } from '@boxoffice/core/use-case/problem.ts'

/** Returns the dependencies of routes, without limits; no token is valid unless `verify` is given. */
export const routeDependencies = (verify: VerifyToken = refuseToken): RouteDependencies => ({
  authenticate: authenticator(verify),
  admission: NO_LIMITS,
})

const refuseToken: VerifyToken = () =>
  Promise.reject(new Problem('unauthenticated', { detail: 'no token is valid here' }))

/** Serves some of the API's routers on a free port, behind the handlers that every request passes through. */
export async function serveRouters(
  routers: readonly Router[],
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = express()
  app.disable('etag')
  app.use(assignRequestId, ...routers, errorHandler(testLogger))
  const server = createServer(app)
  const { url, close } = await listenOnLoopback(server)
  return {
    url,
    close,
  }
}
