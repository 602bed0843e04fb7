import { Router, type RequestHandler, type Request, type Response } from 'express'
import helmet from 'helmet'
import type { Database } from '@boxoffice/core/db/connect.ts'
import { type LaneView, listLanes } from '@boxoffice/core/booking-requests/lines/lane-view.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { within } from '@boxoffice/core/runtime/within.ts'
import type { Caller, VerifyToken } from '@boxoffice/core/access/tokens.ts'
import { shownData, shownName, shownResult } from './formatters.ts'
import { BULL_BOARD_PATH } from './path.ts'
import type { Admission } from '../admission/admission.ts'
import { requireRole } from '../callers/authenticate.ts'
import { Problem, isProblem } from '@boxoffice/core/use-case/problem.ts'

export interface BullBoardDependencies {
  readonly admission: Admission
  readonly database: Database
  /** The setting `LANES`. */
  readonly lanes: number
  readonly transport: Pick<Transport, 'queue' | 'maintenanceQueue'>
  readonly verifyToken: VerifyToken
}

/** The board asks again every few seconds in each open tab. */
const LANES_FRESH_FOR_MS = 1_000

const QUEUE_TIMEOUT_MS = 1_500

/** Its page asks for fonts from another host; without them it looks nearly the same. */
const FOREIGN_FONTS = /<link[^>]*fonts\.googleapis\.com[^>]*>/g

/**
 * Returns Bull Board with the lanes' queues, read-only: pausing and retrying there would bypass the line. For admins,
 * with a Bearer token, or in a browser as user `admin` with the token as password.
 */
export function bullBoard(deps: BullBoardDependencies): RequestHandler {
  let board: Promise<RequestHandler> | undefined
  const router = Router()

  router.use(async (request, response, next) => {
    await deps.admission.admitAnyone(request, response, { limit: 'read', path: BULL_BOARD_PATH })
    requireRole(await signedIn(deps.verifyToken, request, response), 'admin')
    // Browsers send the password along with forged forms too; there is nothing here to change.
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      throw new Problem('method_not_allowed')
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
  router.use(async (request, response, next) => {
    board ??= loadBoard(deps).catch((error: unknown) => {
      board = undefined
      throw error
    })
    const handle = await board
    await handle(request, response, next)
  })
  return router
}

async function loadBoard({ database, lanes: count, transport }: BullBoardDependencies): Promise<RequestHandler> {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/express'),
  ])
  const lanes = new ShownLanes(database, count)
  await lanes.look()

  const laneQueues = lanes.numbers.map((lane) => {
    const adapter = new BullMQAdapter(transport.queue(lane), { readOnlyMode: true })
    // Asked for with every answer, so they can say how the lane is now.
    adapter.getDisplayName = () => lanes.titleOf(lane)
    adapter.getDescription = () => lanes.describe(lane)
    return adapter
  })
  const maintenance = new BullMQAdapter(transport.maintenanceQueue(), {
    readOnlyMode: true,
    displayName: 'Periodic work',
    description: 'Ends holds, settles payments, closes what is over.',
  })
  const queues = [...laneQueues, maintenance]
  for (const queue of queues) {
    queue.setFormatter('name', shownName)
    queue.setFormatter('data', shownData)
    queue.setFormatter('returnValue', shownResult)
    queue.setFormatter('progress', () => 0)
  }

  const serverAdapter = new ExpressAdapter().setBasePath(BULL_BOARD_PATH)
  createBullBoard({
    queues,
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Boxoffice', hideDocsLink: true } },
  })
  const serve = serverAdapter.getRouter() as RequestHandler
  return async (request, response, next) => {
    if (request.path.startsWith('/api/')) {
      await lanes.look()
      await requireQueues(transport)
    }
    const send = response.send
    response.send = (body) => {
      response.send = send
      return response.send(typeof body === 'string' ? body.replaceAll(FOREIGN_FONTS, '') : body)
    }
    await serve(request, response, next)
  }
}

/** Throws if the queues cannot be reached. The board itself would wait, and then report an error of its own. */
async function requireQueues(transport: BullBoardDependencies['transport']): Promise<void> {
  try {
    await within(QUEUE_TIMEOUT_MS, 'asking the queue', transport.maintenanceQueue().getJobCountByTypes('waiting'))
  } catch {
    const detail = 'The queue does not answer. Requests are accepted and decided all the same; see /readyz.'
    throw new Problem('unavailable', { detail, retryAfterSeconds: 2 })
  }
}

/** The lanes as they were a moment ago. */
class ShownLanes {
  readonly #database: Database
  readonly #count: number
  #lanes: ReadonlyMap<number, LaneView> = new Map()
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(database: Database, count: number) {
    this.#database = database
    this.#count = count
  }

  get numbers(): readonly number[] {
    return [...this.#lanes.keys()]
  }

  async look(): Promise<void> {
    if (performance.now() - this.#lookedAt < LANES_FRESH_FOR_MS) return
    this.#lookedAt = performance.now()
    this.#lanes = new Map((await listLanes(this.#database.pool, this.#count)).map((lane) => [lane.id, lane]))
  }

  /** Returns the title of a lane's queue: `Lane 00`, `Lane 03 · 12 waiting, paused`. */
  titleOf(id: number): string {
    const title = `Lane ${String(id).padStart(2, '0')}`
    const lane = this.#lanes.get(id)
    if (lane === undefined) return title
    const state = [
      ...(lane.waiting > 0 ? [`${lane.waiting} waiting`] : []),
      ...(lane.paused ? ['paused'] : []),
      ...(lane.draining ? ['draining'] : []),
    ]
    return state.length === 0 ? title : `${title} · ${state.join(', ')}`
  }

  describe(id: number): string {
    const lane = this.#lanes.get(id)
    if (lane === undefined) return ''
    const { waiting, resources } = lane
    return `${counted(waiting, 'request')} waiting, ${counted(resources, 'showtime or event', 'showtimes and events')}`
  }
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}

async function signedIn(verifyToken: VerifyToken, request: Request, response: Response): Promise<Caller> {
  const token = presentedToken(request.headers.authorization)
  try {
    if (token !== undefined) return await verifyToken(token)
  } catch (error) {
    if (!isProblem(error, 'unauthenticated')) throw error
  }
  // A browser asks for a password on this challenge only.
  response.setHeader('WWW-Authenticate', 'Basic realm="boxoffice"')
  throw new Problem('unauthenticated', { detail: 'Sign in as admin, with a token of the role admin as password.' })
}

function presentedToken(header: string | undefined): string | undefined {
  const [, scheme, credentials] = /^(Bearer|Basic) +(\S+)$/i.exec(header ?? '') ?? []
  if (scheme === undefined || credentials === undefined) return undefined
  if (scheme.toLowerCase() === 'bearer') return credentials
  return /^admin:(.+)$/.exec(Buffer.from(credentials, 'base64').toString('latin1'))?.[1]
}
