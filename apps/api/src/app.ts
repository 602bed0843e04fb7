import express from 'express'
import type { Express } from 'express'
import type { Logger } from '@boxoffice/core/runtime/logger.ts'
import type { TraceRequest } from '@boxoffice/core/operations/tracing/telemetry.ts'
import { bullBoard } from './bull-board/bull-board.ts'
import { BULL_BOARD_PATH } from './bull-board/path.ts'
import { closeWhenStopping } from './server/close-when-stopping.ts'
import { crossOrigin } from './server/cross-origin.ts'
import { errorHandler } from './problems/error-handler.ts'
import { observeRequests } from './observing/observe-requests.ts'
import { assignRequestId } from './problems/request-id.ts'
import { requestLog } from './observing/request-log.ts'
import { traceRequests } from './observing/trace-requests.ts'
import { warnOfUnknownProxy } from './observing/unknown-proxy.ts'
import { unknownRoute } from './routing/unknown-route.ts'
import { createRouters, type RouterDependencies } from './routers.ts'
import { securityHeaders } from './server/security-headers.ts'

export interface AppDependencies extends RouterDependencies {
  readonly logger: Logger
  /** Tracer of requests, if traces are taken. */
  readonly traceRequest?: TraceRequest | null
}

/** Creates the API: what every request passes through, and the routers. */
export function createApp(deps: AppDependencies): Express {
  const { logger, settings, pools, transport, verifyToken, live } = deps
  const { admission } = deps.limits
  const routers = createRouters(deps)

  const app = express()
  app.disable('x-powered-by')
  // Where an answer has an ETag it is its version, not a hash of its bytes.
  app.disable('etag')
  // X-Forwarded-For counts only if it comes from these proxies; otherwise the address of the connection does.
  app.set('trust proxy', settings.TRUSTED_PROXIES)
  app.use(assignRequestId, requestLog(logger), observeRequests(deps.metrics), securityHeaders())
  app.use(closeWhenStopping(deps.isStopping))
  if (deps.traceRequest != null) app.use(traceRequests(deps.traceRequest))
  if (settings.LIMITS) app.use(warnOfUnknownProxy(logger), live.shares.unread.refuseFull())
  if (settings.CORS_ORIGINS.length > 0) app.use(crossOrigin(settings.CORS_ORIGINS))
  const answerErrors = errorHandler(logger)
  // Each router has its own: an error would go through all routers that come after it.
  for (const router of routers) app.use(router.use(answerErrors))
  app.use(
    BULL_BOARD_PATH,
    bullBoard({ admission, database: pools.general, lanes: settings.LANES, transport, verifyToken }),
  )
  app.use(unknownRoute(admission, routers))
  app.use(answerErrors)
  return app
}
