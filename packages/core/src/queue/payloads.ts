import { z } from 'zod'
import type { Outcome } from '../domain/booking-request.ts'

/** Version of what processes say to each other. A reader that meets a newer one leaves it alone and alerts. */
export const PAYLOAD_VERSION = 1

const stretch = z.object({
  /** Id of the showtime or event whose line it is. */
  id: z.string(),
  /** For operators: what is sold. */
  name: z.string(),
  from: z.number().int(),
  to: z.number().int(),
})

/** Part of a line, from one `seq` to another, both ends included. */
export type Stretch = z.infer<typeof stretch>

/**
 * Data of a `decide` job: the requests that one intake write put into lines. The rows are the truth; this notifies. Jobs of
 * the version before name no lines, which are found by the requests then.
 */
export const decideJobSchema = z.object({
  v: z.literal(PAYLOAD_VERSION),
  lines: z.array(stretch).optional(),
  requestIds: z.array(z.string()),
})
export type ReceivedDecideJob = z.infer<typeof decideJobSchema>
export type DecideJob = ReceivedDecideJob & { readonly lines: readonly Stretch[] }

/** Returns the job as it is sent. Workers of the version before want to know of a lane, and then find nothing in it. */
export function sentJob(lane: number, job: DecideJob): object {
  return { ...job, lane, from: 0, to: 0 }
}

/** Bull Board shows it as the job's result: how the job's requests ended, by outcome or refusal code. */
export type DecideResult = Readonly<Record<string, number>>

/** Data of a job that asks for periodic work; its name says which. */
export const maintenanceJobSchema = z.object({ v: z.literal(PAYLOAD_VERSION) })

/** Bull Board shows it as the job's result: what was done; `null` where somebody had just done it. */
export type MaintenanceResult = Readonly<Record<string, number>> | null

/** Changes of one commit. A lost signal costs latency, never correctness. */
export interface Signal {
  readonly v: typeof PAYLOAD_VERSION
  /** Progress of lines. Absent where the change did not come from deciding (a cancellation, an expiry). */
  readonly lines?: readonly LineMark[]
  /** Absent where the transport is too narrow to carry them: read the rows instead. */
  readonly outcomes?: readonly Outcome[]
  /**
   * Requests that were decided before their turn, so that the progress of their line says nothing of them: read their
   * rows unless their outcomes are here.
   */
  readonly early?: readonly string[]
  /** New version by resource whose availability changed. */
  readonly versions: Readonly<Record<string, number>>
}

/** Progress of a line. */
export interface LineMark {
  /** Id of the showtime or event whose line it is. */
  readonly id: string
  /** Every request with a `seq` up to this is decided. */
  readonly watermark: number
}

/** Returns the signal that a resource's availability has a new version. */
export function availabilitySignal(resourceId: string, version: number): Signal {
  return { v: PAYLOAD_VERSION, versions: { [resourceId]: version } }
}
