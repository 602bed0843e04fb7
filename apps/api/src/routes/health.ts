import { Router } from 'express'
import { pingDatabase, type Database } from '@boxoffice/core/db/connect.ts'
import type { Transport } from '@boxoffice/core/queue/transport.ts'
import { within } from '@boxoffice/core/queue/within.ts'
import { Problem, sendProblem } from '../http/problem.ts'
import { requestIdOf } from '../http/request-id.ts'
import { sendPrivateJson } from '../http/send-json.ts'

export interface HealthDependencies {
  readonly database: Database
  readonly transport: Pick<Transport, 'queue'>
  /** The process was asked to stop: traffic should go elsewhere. */
  readonly isStopping: () => boolean
}

const PROBE_TIMEOUT_MS = 1_500

/**
 * Probes. Ready means that requests can be accepted, and for that the database is enough: with the queue down they are
 * accepted and decided all the same, a little later, so that is told and no reason to take the process out.
 */
export function healthRoutes({ database, transport, isStopping }: HealthDependencies): Router {
  const router = Router()

  router.get('/livez', (_request, response) => {
    sendPrivateJson(response, 200, { status: 'live' })
  })

  router.get('/readyz', async (_request, response) => {
    const unready = (detail: string) => {
      sendProblem(
        response,
        new Problem('unavailable', { detail, headers: { 'Retry-After': '1' } }),
        requestIdOf(response),
      )
    }
    if (isStopping()) {
      unready('This process is stopping.')
      return
    }
    const [databaseAnswers, queueAnswers] = await Promise.all([
      answers('asking the database', () => pingDatabase(database)),
      answers('asking the queue', () => transport.queue(0).getJobCountByTypes('waiting')),
    ])
    if (!databaseAnswers) unready('The database does not answer.')
    else sendPrivateJson(response, 200, { status: 'ready', database: 'ok', queue: queueAnswers ? 'ok' : 'unreachable' })
  })

  return router
}

async function answers(what: string, ask: () => Promise<unknown>): Promise<boolean> {
  try {
    await within(PROBE_TIMEOUT_MS, what, ask())
    return true
  } catch {
    return false
  }
}
