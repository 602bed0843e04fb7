import { createServer } from 'node:http'
import express from 'express'
import type { Checkout } from '@boxoffice/core/payments/provider.ts'
import { errorHandler } from '../../apps/api/src/problems/error-handler.ts'
import { assignRequestId } from '../../apps/api/src/problems/request-id.ts'
import { NO_LIMITS } from '../../apps/api/src/admission/admission.ts'
import { sandboxCheckoutRoutes } from '../../apps/api/src/sandbox-checkout/routes.ts'
import type { Sandbox } from './sandbox-harness.ts'
import { listenOnLoopback } from '../support/loopback-server.ts'
import { testLogger } from '../support/logger.ts'

export interface SandboxPage {
  readonly url: string
  addressOf(checkout: Checkout): string
  /** Returns how often the sender was notified of reports. */
  nudges(): number
  close(): Promise<void>
}

/** Serves the sandbox's pages on a free port. */
export async function serveSandboxPage({ db: { database } }: Sandbox): Promise<SandboxPage> {
  let nudges = 0
  const app = express()
  app.disable('etag')
  const sandboxSender = { nudge: () => void nudges++ }
  app.use(assignRequestId, sandboxCheckoutRoutes({ admission: NO_LIMITS, database, sandboxSender }))
  app.use(errorHandler(testLogger))
  const server = createServer(app)
  const { url, close } = await listenOnLoopback(server)
  return {
    url,
    addressOf: ({ providerReference }) => `${url}/sandbox/checkouts/${providerReference}`,
    nudges: () => nudges,
    close,
  }
}
