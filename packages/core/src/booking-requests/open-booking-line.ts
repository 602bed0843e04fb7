import type { Database } from '../db/connect.ts'
import { findBookingRequests, findBookingRequestsByKey } from './queries/find-booking-requests.ts'
import type { IncomingRequest } from './queries/insert-booking-requests.ts'
import type { ResourceRow } from './queries/find-resource.ts'
import type { Logger } from '../runtime/logger.ts'
import type { Signal } from '../queue/payloads.ts'
import type { Transport } from '../queue/transport.ts'
import type { Settings } from '../settings/settings.ts'
import type { BookingLine, Submission } from './booking-line.ts'
import { LaneMissingError } from './lanes/lane-missing-error.ts'
import { bodyHashOf } from './intake/body-hash.ts'
import { LaneDepths } from './intake/lane-depth.ts'
import { LaneIntake } from './intake/lane-intake.ts'
import { OutcomeWatch } from './waiting/outcome-watch.ts'
import { placeInLine, trackedRequest } from './waiting/request-progress.ts'
import { ResourceLanes } from './intake/resource-lanes.ts'
import { Ringer } from './intake/ringer.ts'
import { newId } from '../runtime/new-id.ts'
import { notFound } from '../use-case/problem.ts'
import type { TrackedRequest } from './request-view.ts'

export interface BookingLineDependencies {
  readonly intake: Database
  readonly reads: Database
  readonly transport: Pick<Transport, 'ring'>
  readonly settings: Pick<Settings, 'LANE_MAX_DEPTH' | 'INTAKE_BUFFER'>
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

/** A resource may be moved to another lane while its requests are on their way; more often than this it will not be. */
const MAX_MOVES = 5

/** The line of waiting requests as one API process keeps it. */
export function openBookingLine({
  intake,
  reads,
  transport,
  settings,
  logger,
  onAccepted,
}: BookingLineDependencies): OpenBookingLine {
  const resources = new ResourceLanes(reads.pool)
  const depths = new LaneDepths(reads.pool, settings.LANE_MAX_DEPTH)
  const watch = new OutcomeWatch(reads.pool, logger)
  const ringer = new Ringer(transport, logger)
  const lanes = new Map<number, LaneIntake>()

  const laneIntake = (lane: number): LaneIntake => {
    let open = lanes.get(lane)
    if (open === undefined) {
      open = new LaneIntake(lane, {
        pool: intake.pool,
        logger,
        maxBuffered: settings.INTAKE_BUFFER,
        onWritten: (job) => {
          depths.note(lane, { last: job.to })
          onAccepted?.(job.requestIds.length)
          ringer.ring(job)
        },
      })
      lanes.set(lane, open)
    }
    return open
  }

  return {
    accept: async (submission) => {
      const request = incomingRequest(submission)
      let lane = -1
      for (let move = 0; move < MAX_MOVES; move++) {
        const resource = await resources.find(submission.resourceId)
        if (resource === null || resource.kind !== submission.kind) throw notFound(submission.kind)
        lane = resource.lane
        await depths.check(lane)
        const result = await laneIntake(lane).submit(request)
        switch (result.kind) {
          case 'inserted':
            return { ...queuedRequest(submission, resource, result.row), replayed: false }
          case 'known':
            // Repeating a COMMIT of unknown outcome finds our own row, which is no replay.
            return { ...trackedRequest(result.row), replayed: result.row.id !== request.id }
          case 'moved':
            await depths.checkDraining(lane)
            resources.forget(submission.resourceId)
        }
      }
      throw new LaneMissingError(lane)
    },

    organizerOf: async (resourceId) => (await resources.find(resourceId))?.organizerId ?? null,

    isKnown: async ({ owner, idempotencyKey }) => {
      if (idempotencyKey === null) return false
      const key = { owner, idempotencyKey: chosenKey(idempotencyKey) }
      return (await findBookingRequestsByKey(reads.pool, [key])).length > 0
    },

    find: async (id) => {
      const [row] = await findBookingRequests(reads.pool, [id])
      return row === undefined ? null : trackedRequest(row)
    },

    outcome: (request, timeoutMs, signal) => {
      if (request.view.state !== 'queued' || signal.aborted) return Promise.resolve(request)
      return new Promise<TrackedRequest>((resolve) => {
        let latest = request.view
        const end = (view: TrackedRequest['view']) => {
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
      if (signal.lane === undefined) return
      depths.note(signal.lane.id, { watermark: signal.lane.watermark })
      watch.onProgress(signal.lane)
    },
    onGap: () => watch.onGap(),
    close: () => watch.close(),
  }
}

const chosenKey = (key: string) => `key:${key}`

function incomingRequest(submission: Submission): IncomingRequest {
  const { resourceId, owner, payload, customerKeys } = submission
  const id = newId()
  return {
    id,
    resourceId,
    owner,
    // A key of our own makes a repeated write harmless; the prefix keeps it apart from keys that clients choose.
    idempotencyKey: submission.idempotencyKey === null ? `auto:${id}` : chosenKey(submission.idempotencyKey),
    bodyHash: bodyHashOf(submission),
    payload,
    customerKeys,
  }
}

function queuedRequest(
  submission: Submission,
  resource: ResourceRow,
  row: { id: string; seq: number; acceptedAt: Date; watermark: number; decidedPerSecond: number },
): TrackedRequest {
  return {
    lane: resource.lane,
    owner: submission.owner,
    view: {
      id: row.id,
      state: 'queued',
      resource: { type: resource.kind, id: resource.id },
      seq: row.seq,
      ...placeInLine(row.seq, row),
      acceptedAt: row.acceptedAt.toISOString(),
      decidedAt: null,
      booking: null,
      refusal: null,
    },
  }
}
