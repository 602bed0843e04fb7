import { Router, type RequestHandler } from 'express'
import helmet from 'helmet'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { lanes } from '@boxoffice/core/db/schema/line.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { InvalidTokenError, type Caller, type VerifyToken } from '@boxoffice/core/tokens.ts'
import { requireRole } from './http/authenticate.ts'
import { Problem } from './http/problem.ts'

export const BULL_BOARD_PATH = '/admin/queues'

export interface BullBoardDependencies {
  readonly database: Database
  readonly transport: Pick<Transport, 'queue' | 'maintenanceQueue'>
  readonly verifyToken: VerifyToken
}

/** What a `decide` job's data may show: positions and ids, never what someone ordered or who they are. */
const SHOWN_DATA = ['v', 'lane', 'from', 'to', 'requestIds']

/**
 * The lanes' queues, to look at: pausing and retrying there would bypass the line, so they are read-only. For admins,
 * with a Bearer token, or in a browser as user `admin` with the token as password.
 */
export function bullBoard(deps: BullBoardDependencies): RequestHandler {
  let board: Promise<RequestHandler> | undefined
  const router = Router()

  router.use(async (request, _response, next) => {
    requireRole(await signedIn(deps.verifyToken, request.headers.authorization), 'admin')
    // Browsers send the password along with forged forms too; there is nothing here to change.
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new Problem('method_not_allowed', { headers: { Allow: 'GET, HEAD' } })
    }
    next()
  })

  router.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", 'data:'],
          frameAncestors: ["'none'"],
        },
      },
    }),
  )

  // Loaded when first looked at: it is large, and most processes are never asked.
  router.use((request, response, next) => {
    board ??= loadBoard(deps)
    board.then(
      (handle) => handle(request, response, next),
      (error: unknown) => {
        board = undefined
        next(error)
      },
    )
  })
  return router
}

async function loadBoard({ database, transport }: BullBoardDependencies): Promise<RequestHandler> {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/express'),
  ])
  const rows = await database.orm.select({ id: lanes.id }).from(lanes).orderBy(lanes.id)
  const serverAdapter = new ExpressAdapter().setBasePath(BULL_BOARD_PATH)
  const queues = [...rows.map(({ id }) => transport.queue(id)), transport.maintenanceQueue()]
  createBullBoard({
    queues: queues.map((queue) => {
      const adapter = new BullMQAdapter(queue, { readOnlyMode: true })
      adapter.setFormatter('data', shownData)
      return adapter
    }),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Boxoffice' } },
  })
  return serverAdapter.getRouter() as RequestHandler
}

function shownData(data: unknown): Record<string, unknown> {
  if (typeof data !== 'object' || data === null) return {}
  return Object.fromEntries(Object.entries(data).filter(([key]) => SHOWN_DATA.includes(key)))
}

async function signedIn(verifyToken: VerifyToken, header: string | undefined): Promise<Caller> {
  const token = presentedToken(header)
  try {
    if (token !== undefined) return await verifyToken(token)
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error
  }
  throw new Problem('unauthenticated', {
    detail: 'Sign in as admin, with a token of the role admin as password.',
    // A browser asks for a password on this challenge only.
    headers: { 'WWW-Authenticate': 'Basic realm="boxoffice"' },
  })
}

function presentedToken(header: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(Bearer|Basic) +(\S+)$/i.exec(header ?? '') ?? []
  if (scheme === undefined || credentials === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return credentials
  return /^admin:(.+)$/.exec(Buffer.from(credentials, 'base64').toString('latin1'))?.[1]
}
