import { z } from 'zod'
import type { Outcome } from '../domain/booking-request.ts'

/** Version of what processes say to each other. A reader that meets a newer one leaves it alone and alerts. */
export const PAYLOAD_VERSION = 1

/** Data of a `decide` job: the requests that one intake write put into a lane. The rows are the truth; this notifies. */
export const decideJobSchema = z.object({
  v: z.literal(PAYLOAD_VERSION),
  lane: z.number().int(),
  from: z.number().int(),
  to: z.number().int(),
  requestIds: z.array(z.string()),
})
export type DecideJob = z.infer<typeof decideJobSchema>

/** Bull Board shows it as the job's result: how the job's requests ended, by outcome or refusal code. */
export type DecideResult = Readonly<Record<string, number>>

/** Data of a job that asks for periodic work; its name says which. */
export const maintenanceJobSchema = z.object({ v: z.literal(PAYLOAD_VERSION) })

/** Bull Board shows it as the job's result: what was done; `null` where somebody had just done it. */
export type MaintenanceResult = Readonly<Record<string, number>> | null

/** Changes of one commit. A lost signal costs latency, never correctness. */
export interface Signal {
  readonly v: typeof PAYLOAD_VERSION
  /** Absent where the change did not come from a lane (a cancellation, an expiry). */
  readonly lane?: LaneProgress
  /** New version by resource whose availability changed. */
  readonly versions: Readonly<Record<string, number>>
}

/** Returns the signal that a resource's availability has a new version. */
export function availabilitySignal(resourceId: string, version: number): Signal {
  return { v: PAYLOAD_VERSION, versions: { [resourceId]: version } }
}

export interface LaneProgress {
  readonly id: number
  /** Every request with a `seq` up to this is decided. */
  readonly watermark: number
  /** Absent where the transport is too narrow to carry them: read the rows instead. */
  readonly outcomes?: readonly Outcome[]
}
