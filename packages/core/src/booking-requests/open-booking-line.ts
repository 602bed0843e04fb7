import type { Database } from '../db/connect.ts'
import { findBookingRequests, findBookingRequestsByKey } from './queries/find-booking-requests.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Signal } from '../queue/payloads.ts'
import type { Transport } from '../queue/transport.ts'
import type { Settings } from '../settings/settings.ts'
import type { BookingLine } from './booking-line.ts'
import { decideJobs } from './intake/decide-jobs.ts'
import { Intake } from './intake/intake.ts'
import { KnownResources } from './intake/known-resources.ts'
import { LineDepths } from './intake/line-depths.ts'
import { OutcomeWatch } from './waiting/outcome-watch.ts'
import { storedKeyOf } from './intake/stored-key.ts'
import { newId } from '../runtime/new-id.ts'
import type { RequestView, StoredRequest } from './request-view.ts'
import { Notifier } from './intake/notifier.ts'
import { notFound } from '../use-case/problem.ts'

export interface BookingLineDependencies {
  readonly intake: Database
  readonly reads: Database
  readonly transport: Pick<Transport, 'notify'>
  readonly settings: Pick<Settings, 'LANES' | 'LINE_MAX_DEPTH' | 'LINES_MAX_DEPTH' | 'INTAKE_BUFFER'>
  readonly logger: Logger
  /** Told of each committed intake write, with the number of its requests; must not throw. */
  readonly onAccepted?: (requests: number) => void
}

/** A booking line whose owner passes on the transport's signals. */
export interface OpenBookingLine extends BookingLine {
  onSignal(signal: Signal): void
  onGap(): void
  close(): void
}

/** Opens the line of waiting requests of one API process. */
export function openBookingLine({
  intake,
  reads,
  transport,
  settings,
  logger,
  onAccepted,
}: BookingLineDependencies): OpenBookingLine {
  const resources = new KnownResources(reads.pool)
  const depths = new LineDepths(reads.pool, { ofLine: settings.LINE_MAX_DEPTH, ofAll: settings.LINES_MAX_DEPTH })
  const watch = new OutcomeWatch(reads.pool, logger)
  const notifier = new Notifier(transport, logger)
  const nameOf = (id: string) => resources.nameOf(id)
  const lines = new Intake({
    pool: intake.pool,
    logger,
    maxBuffered: settings.INTAKE_BUFFER,
    onWritten: (requests) => {
      for (const { view } of requests)
        depths.note(view.resource.id, { last: view.seq, watermark: view.seq - 1 - view.ahead })
      onAccepted?.(requests.length)
      for (const [lane, job] of decideJobs(requests, settings.LANES, nameOf)) notifier.notify(lane, job)
    },
  })

  return {
    accept: async (submission) => {
      const resource = await resources.find(submission.resourceId)
      if (resource === null || resource.kind !== submission.kind) throw notFound(submission.kind)
      await depths.check(resource.id)
      const id = newId()
      const { request } = await lines.submit(id, submission)
      // Repeating a COMMIT of unknown outcome finds our own row, which is no replay.
      return { ...request, replayed: request.view.id !== id }
    },

    organizerOf: async (resourceId) => (await resources.find(resourceId))?.organizerId ?? null,

    isKnown: async ({ owner, idempotencyKey }) => {
      if (idempotencyKey === null) return false
      const key = { owner, idempotencyKey: storedKeyOf({ idempotencyKey }, '') }
      return (await findBookingRequestsByKey(reads.pool, [key])).length > 0
    },

    find: async (id) => {
      const [found] = await findBookingRequests(reads.pool, [id])
      return found ?? null
    },

    outcome: (request, timeoutMs, signal) => {
      if (request.view.state !== 'queued' || signal.aborted) return Promise.resolve(request)
      return new Promise<StoredRequest>((resolve) => {
        let latest = request.view
        const end = (view: RequestView) => {
          stop()
          clearTimeout(timer)
          signal.removeEventListener('abort', giveUp)
          resolve({ ...request, view })
        }
        const giveUp = () => end(latest)
        const timer = setTimeout(giveUp, timeoutMs)
        signal.addEventListener('abort', giveUp)
        const stop = watch.watch(request, {
          onOutcome: end,
          onPosition: (view) => {
            latest = { ...view, ahead: Math.min(latest.ahead, view.ahead) }
          },
        })
      })
    },

    follow: (request, listener) => {
      if (request.view.state !== 'queued') {
        listener.onOutcome(request.view)
        return () => undefined
      }
      let ahead = request.view.ahead
      listener.onPosition(request.view)
      return watch.watch(request, {
        onOutcome: (view) => listener.onOutcome(view),
        onPosition: (view) => {
          // The first view comes from PostgreSQL, later ones from signals too; either may be a little behind.
          ahead = Math.min(ahead, view.ahead)
          listener.onPosition({ ...view, ahead })
        },
      })
    },

    onSignal: (signal) => {
      if (signal.lines === undefined) return
      depths.onMarks(signal.lines)
      watch.onProgress(signal.lines, signal.outcomes, signal.early)
    },
    onGap: () => watch.onGap(),
    close: () => watch.close(),
  }
}
